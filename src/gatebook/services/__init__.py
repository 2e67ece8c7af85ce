"""Use cases: they own the transactions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from gatebook.domain.times import Instant
from gatebook.services.access import Access
from gatebook.services.admission import Admission
from gatebook.services.alarm_sessions import AlarmSessions
from gatebook.services.alarms import Alarms
from gatebook.services.audit import Audit
from gatebook.services.commands import Commands
from gatebook.services.counts import Counts
from gatebook.services.deliveries import Deliveries
from gatebook.services.directory import Directory
from gatebook.services.egress import Egress
from gatebook.services.entities import Entities
from gatebook.services.erasing import Erasing
from gatebook.services.event_sessions import EventSessions
from gatebook.services.exports import Exports
from gatebook.services.followers import Followers
from gatebook.services.gates import Gates
from gatebook.services.history import History
from gatebook.services.imports import Imports
from gatebook.services.ingest import Ingest
from gatebook.services.issuing import Issuing
from gatebook.services.keeping import Keeping
from gatebook.services.kept_attempts import KeptAttempts
from gatebook.services.keys import Keys
from gatebook.services.listeners import Listeners
from gatebook.services.live import Live
from gatebook.services.ntlm import Ntlm
from gatebook.services.plates import Plates
from gatebook.services.quarantine import Quarantine
from gatebook.services.rule_effects import Outbox
from gatebook.services.rule_portrayals import RulePortrayals
from gatebook.services.rule_runs import RuleRuns
from gatebook.services.rules import Rules
from gatebook.services.sessions import Sessions
from gatebook.services.states import States
from gatebook.services.tokens import Tokens
from gatebook.services.trial import Trial
from gatebook.services.webhooks import Webhooks


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """All that dialects may ask for."""

    ingest: Ingest
    imports: Imports
    """The same in bulk."""
    history: History
    exports: Exports
    """Events on their way out."""
    audit: Audit
    alarms: Alarms
    alarm_sessions: AlarmSessions
    """Lists of alarms that are polled for what has changed in them."""
    commands: Commands
    """What devices are asked to do."""
    counts: Counts
    live: Live
    listeners: Listeners
    """Clients that follow the log by subscriptions, and come back."""
    event_sessions: EventSessions
    """Lists that are polled for what has changed in them."""
    states: States
    directory: Directory
    access: Access
    """What an account is worth as it stands now, and who signs in by password."""
    attempts: KeptAttempts
    """Wrong passwords, as they outlive a restart."""
    admission: Admission
    """Who a request is, whatever it presents."""
    entities: Entities
    """Accounts and the directory, one room for each kind."""
    tokens: Tokens
    issuing: Issuing
    """Who gets a token, on record."""
    sessions: Sessions
    """Browsers that have signed in."""
    ntlm: Ntlm
    """Users who sign in by NTLM."""
    keeping: Keeping
    erasing: Erasing
    keys: Keys
    plates: Plates
    """What is decided on plates that cameras read."""
    quarantine: Quarantine
    rules: Rules
    portrayals: RulePortrayals
    """Rules in the words of dialects."""
    rule_runs: RuleRuns
    """Rules as they follow the log."""
    trial: Trial
    """Rules as they are tried on history."""
    outbox: Outbox
    """What rules have done outside."""
    webhooks: Webhooks
    deliveries: Deliveries
    """What webhooks are sent."""
    followers: Followers
    gates: Gates
    """What stands at the gates, and who may pass."""
    egress: Egress
    """The one way to another server."""
    now: Callable[[], Instant]
    cursor_key: bytes
    """32 bytes that seal cursors."""
    versions: Mapping[str, str]
    """What a dialect is to say that the product is that it stands in for; one that is not here has its own default."""


__all__ = ["Services"]
