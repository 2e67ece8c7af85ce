"""What the throwaway dialect serves."""

from collections.abc import Sequence

from gatebook.domain.errors import NotFound
from gatebook.http import Request, Response
from gatebook.http.dialect import Body, Operation, Reply
from gatebook.http.wire import json_reply, read_json, read_query

from .mapping import words_starting
from .schemas import Guess, Verdict, Word, Words, WordsQuery


def operations(_services: object) -> Sequence[Operation]:
    """Everything that is served; this dialect needs no service."""

    async def words(request: Request) -> Response:
        query = read_query(request, WordsQuery)
        found = words_starting(query.starts_with)
        return json_reply(Words(found[: query.limit], len(found)))

    async def word(request: Request) -> Response:
        wanted = request.path_params["word"]
        for one in words_starting(wanted):
            if one.word == wanted:
                return json_reply(one)
        raise NotFound(f"{wanted}: no such word")

    async def guess(request: Request) -> Response:
        made = await read_json(request, Guess)
        return json_reply(Verdict(Word(made.word, made.kind) in words_starting(made.word)))

    return (
        Operation(
            method="GET",
            path="/throwaway/words",
            handler=words,
            summary="The words",
            query=WordsQuery,
            replies={200: Reply(shape=Words, description="Some of them")},
            public=True,
        ),
        Operation(
            method="GET",
            path="/throwaway/words/{word}",
            handler=word,
            summary="One word",
            replies={200: Reply(shape=Word)},
            public=True,
            example="/throwaway/words/IN",
        ),
        Operation(
            method="POST",
            path="/throwaway/guesses",
            handler=guess,
            summary="Guess a word",
            body=Body(shape=Guess, example='{"word":"IN","kind":"access.granted"}'),
            replies={200: Reply(shape=Verdict)},
            public=True,
        ),
    )
