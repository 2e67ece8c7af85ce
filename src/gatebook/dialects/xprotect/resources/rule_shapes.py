"""Rules, alarm definitions and time profiles as XProtect's clients read them, field for field."""

from __future__ import annotations

from typing import Final

from msgspec import Struct, field

from gatebook.dialects.xprotect.words.shapes import NO_ID, NULL_DATE, Item, ItemPath

Member = str | int | float | bool | None
"""What a dynamic member of a rule holds."""


class RuleItem(Item, frozen=True, kw_only=True):
    """Source: Configuration API OpenAPI 2025 R2, rules, with the dynamic members of a rule beside them."""

    enabled: bool
    id: str
    name: str
    description: str = ""
    last_modified: str = NULL_DATE
    start_rule_type: str
    stop_rule_type: str = "None"
    always: bool = True
    within_time_profile: bool = False
    outside_time_profile: bool = False
    time_of_day_between: bool = False
    days_of_week: bool = False
    failover_active: bool = False
    failover_inactive: bool = False
    start_actions: str
    stop_actions: str = ""
    members: dict[str, Member] = field(default_factory=dict)
    """Stand beside the others on the wire."""


class RuleForm(Struct, frozen=True, kw_only=True, rename="camel"):
    """What may be said of a rule; parameters of its events and actions are further members."""

    name: str
    description: str = ""
    enabled: bool = True
    start_rule_type: str = "Event"
    start_actions: str = ""


class AlarmDefinitionItem(Item, frozen=True, kw_only=True):
    """Source: Configuration API OpenAPI 2025 R2, alarmDefinitions."""

    enabled: bool
    id: str
    name: str
    description: str = ""
    last_modified: str = NULL_DATE
    event_type_group: str = NO_ID
    event_type: str = NO_ID
    source_list: tuple[ItemPath, ...] = ()
    enable_rule: str = "0"
    time_profile: ItemPath = ItemPath(type="timeProfiles", id=NO_ID)
    enable_event_list: tuple[ItemPath, ...] = ()
    disable_event_list: tuple[ItemPath, ...] = ()
    management_timeout_time: str = "00:01:00"
    management_timeout_event_list: tuple[ItemPath, ...] = ()
    related_camera_list: tuple[ItemPath, ...] = ()
    map_type: str = "0"
    related_map: str = NO_ID
    owner: str = ""
    priority: str
    category: str = NO_ID
    trigger_event_list: tuple[ItemPath, ...] = field(name="triggerEventlist", default=())
    auto_close: bool = False
    assignable_to_admins: bool = False


class AlarmDefinitionForm(Struct, frozen=True, kw_only=True, rename="camel"):
    """What may be said of an alarm definition, beside the members that it is told with."""

    name: str
    description: str = ""
    enabled: bool = True
    event_type_group: str = NO_ID
    event_type: str = NO_ID
    priority: str = ""
    category: str = NO_ID


class Recurrence(Struct, frozen=True, kw_only=True, rename="camel"):
    """Hours that come again.  Source: milestone_integration_platform_vms_res_tful_api, a client generated from the
    vendor's OpenAPI, TimeProfileAppointmentRecur."""

    display_name: str = ""
    appointment_root_id: str = ""
    all_day_event: bool = False
    start_date_time: str = NULL_DATE
    end_date_time: str = NULL_DATE
    subject: str = ""
    recurrence_description: str = ""
    recurrence_occurrence_start_time: str = "00:00:00"
    recurrence_occurrence_duration: str = "00:00:00"
    recurrence_pattern_type: str = "Explicit"
    recurrence_pattern_frequency: str = "Weekly"
    recurrence_pattern_interval: int = 1
    recurrence_pattern_days_of_week: int = 0
    """Bit 0 is Sunday."""
    recurrence_pattern_day_of_month: int = 1
    recurrence_pattern_month_of_year: int = 1
    recurrence_pattern_occurrence_of_day_in_month: str = "None"
    recurrence_range_start_date: str = NULL_DATE
    recurrence_range_end_date: str = NULL_DATE
    recurrence_range_limit: str = "NoLimit"
    recurrence_range_max_occurrences: int = 0


class Appointment(Struct, frozen=True, kw_only=True, rename="camel"):
    """Hours that come once.  Assumed: the fields of the same name in TimeProfileAppointmentRecur."""

    display_name: str = ""
    all_day_event: bool = False
    start_date_time: str
    end_date_time: str
    subject: str = ""


class TimeProfileItem(Item, frozen=True, kw_only=True):
    """Source: milestone_integration_platform_vms_res_tful_api, a client generated from the vendor's OpenAPI, for the
    names of what stands below; `timeProfileType` from plug-ins that read it.  Assumed: its word for these."""

    id: str
    name: str
    description: str = ""
    last_modified: str = NULL_DATE
    time_profile_type: str = "Calendar"
    time_profile_appointment_recur: tuple[Recurrence, ...] = ()
    time_profile_appointment_root: tuple[Appointment, ...] = ()


class TimeProfileForm(Struct, frozen=True, kw_only=True, rename="camel"):
    """What may be said of a time profile."""

    name: str
    description: str = ""
    time_profile_appointment_recur: tuple[Recurrence, ...] = ()
    time_profile_appointment_root: tuple[Appointment, ...] = ()


ALL_CAMERAS: Final = "0e1b0ad3-f67c-4d5f-b792-4bd6c3cf52f8"
"""The group of all cameras.  Source: MilestonePSTools, New-VmsRule, examples 2 and "Record Always"."""
EXTERNAL_SOURCE: Final = "e8bd6cee-1119-4296-ba91-e3803e2c591e"
"""The source of user-defined and generic events.  Source: MilestonePSTools, New-VmsRule, examples 3 and 4."""
