"""The throwaway dialect: says which words it knows. It proves what adding a dialect takes."""

from gatebook.http.dialect import Dialect

from .errors import Refusal, on_error
from .mapping import KINDS, UNSPOKEN
from .routes import operations

DIALECT: Dialect[object] = Dialect(
    name="throwaway",
    title="Throwaway",
    roots=("/throwaway",),
    operations=operations,
    on_error=on_error,
    error_shape=Refusal,
    kinds=KINDS,
    unspoken=UNSPOKEN,
)
