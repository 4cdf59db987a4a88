"""Agents, the tags people give them, and the secrets that machines and programs hold."""

from __future__ import annotations

import ipaddress
from datetime import datetime, timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models

INTERVAL_SECONDS_MINIMUM = 1
INTERVAL_SECONDS_MAXIMUM = 900
OFFLINE_AFTER_INTERVALS = 3
OFFLINE_AFTER_AT_LEAST = timedelta(seconds=90)
PREFIX_MAXIMUM = 20
USES_MAXIMUM = 1000

validate_agent_id = RegexValidator(
    r"\A[a-z0-9][a-z0-9._-]{0,62}\Z",
    "An agent id has 1 to 63 lower case letters, digits, dots, hyphens or underscores and starts "
    "with a letter or digit, such as web-1 or db.example.org.",
)
validate_tag = RegexValidator(
    r"\A[a-z0-9][a-z0-9._:-]{0,62}\Z",
    "A tag has 1 to 63 lower case letters, digits, dots, colons, hyphens or underscores.",
)


def validate_network(text: str) -> None:
    """Raise ValidationError unless `text` is a network in CIDR form."""
    try:
        ipaddress.ip_network(text)
    except ValueError as error:
        raise ValidationError(
            f"{text!r} is not a network: {error}. Write it like 10.0.0.0/8 or 2001:db8::/32."
        ) from error


class Tag(models.Model):
    """A word that groups agents, such as prod or web."""

    name = models.CharField(max_length=63, unique=True, validators=[validate_tag])

    def __str__(self) -> str:
        """Return the word."""
        return self.name


class Agent(models.Model):
    """A monitored machine's identity. What it reported of itself stands in the fact fields."""

    agent_id = models.CharField(
        "agent id",
        max_length=63,
        unique=True,
        validators=[validate_agent_id],
        help_text="Lower case letters, digits, dots, hyphens and underscores, such as web-1.",
    )
    display_name = models.CharField(
        max_length=100, blank=True, help_text="Shown in place of the agent id where it is set."
    )
    tags = models.ManyToManyField(Tag, blank=True, related_name="agents")
    enabled = models.BooleanField(
        default=True, help_text="Samples of a disabled agent are refused; its history stays."
    )
    interval_seconds = models.PositiveSmallIntegerField(
        "report interval",
        default=10,
        validators=[
            MinValueValidator(INTERVAL_SECONDS_MINIMUM),
            MaxValueValidator(INTERVAL_SECONDS_MAXIMUM),
        ],
        help_text="Seconds between two samples, 1 to 900. The agent takes it over by itself.",
    )
    notes = models.TextField(blank=True, help_text="For people; never sent to the agent.")
    billing_day = models.PositiveSmallIntegerField(
        default=1,
        validators=[MinValueValidator(1), MaxValueValidator(31)],
        help_text="Day of the month from which its traffic is added up, 1 to 31.",
    )
    created_at = models.DateTimeField(auto_now_add=True)
    watched_until = models.DateTimeField(null=True, blank=True, editable=False)

    agent_version = models.CharField(max_length=255, blank=True)
    hostname = models.CharField(max_length=255, blank=True)
    os = models.CharField("system", max_length=255, blank=True)
    kernel = models.CharField(max_length=255, blank=True)
    boot_id = models.CharField(max_length=255, blank=True)
    cpu_model = models.CharField("processor", max_length=255, blank=True)
    cpu_count = models.PositiveIntegerField("cores", null=True, blank=True)
    memory_total_bytes = models.PositiveBigIntegerField("memory", null=True, blank=True)
    address = models.GenericIPAddressField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="agent_interval_is_bounded",
                condition=models.Q(
                    interval_seconds__gte=INTERVAL_SECONDS_MINIMUM,
                    interval_seconds__lte=INTERVAL_SECONDS_MAXIMUM,
                ),
            ),
        ]

    def __str__(self) -> str:
        """Return the name people gave the machine, else its agent id."""
        return self.display_name or self.agent_id

    @property
    def offline_after(self) -> timedelta:
        """How long the agent may be silent before it counts as down."""
        return offline_after(self.interval_seconds)


def offline_after(interval_seconds: int) -> timedelta:
    """Return how long an agent with this interval may be silent before it counts as down."""
    return max(
        timedelta(seconds=interval_seconds * OFFLINE_AFTER_INTERVALS), OFFLINE_AFTER_AT_LEAST
    )


class StatusPage(models.Model):
    """A page for everybody that tells how the agents of one tag are, and nothing else of them."""

    title = models.CharField(max_length=100, help_text="What the page is called, such as Web shop.")
    slug = models.SlugField(
        "address", max_length=63, unique=True, help_text="The page is at /status/ADDRESS/."
    )
    tag = models.ForeignKey(
        Tag,
        on_delete=models.CASCADE,
        related_name="+",
        help_text="The agents that it shows, by their names.",
    )
    is_public = models.BooleanField(
        "public",
        default=False,
        help_text="Anybody who has the address sees it, without a log-in. Off, it is not there.",
    )

    def __str__(self) -> str:
        """Return the title."""
        return self.title


class Secret(models.Model):
    """What a machine or program is known by: not the secret itself, only its SHA-256 digest."""

    digest = models.CharField(max_length=64, unique=True, editable=False)
    prefix = models.CharField(max_length=PREFIX_MAXIMUM, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        editable=False,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    expires_at = models.DateTimeField(
        null=True, blank=True, help_text="When it stops to work. Empty: never."
    )
    last_used_at = models.DateTimeField(null=True, blank=True, editable=False)
    revoked_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        """Return what people recognise the secret by."""
        return f"{self.prefix}…"

    def is_live(self, now: datetime) -> bool:
        """True if the secret opens what it is for at `now`."""
        return self.revoked_at is None and (self.expires_at is None or self.expires_at > now)


class AgentToken(Secret):
    """A bearer token that one agent sends with."""

    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="tokens")
    name = models.CharField(max_length=100, blank=True, help_text="What this token is for.")


class ReadToken(Secret):
    """A bearer token of a program that reads the API."""

    name = models.CharField(
        max_length=100, help_text="Which program reads with it, such as grafana or nightly report."
    )


class EnrolmentKey(Secret):
    """A key that new machines trade for a token of their own, each of them once."""

    name = models.CharField(
        max_length=100, blank=True, help_text="Which machines it is for, such as web servers."
    )
    uses_allowed = models.PositiveSmallIntegerField(
        "machines",
        default=1,
        validators=[MinValueValidator(1), MaxValueValidator(USES_MAXIMUM)],
        help_text=f"How many machines may enrol with it, 1 to {USES_MAXIMUM}.",
    )
    uses = models.PositiveSmallIntegerField("enrolled", default=0, editable=False)
    network = models.CharField(
        max_length=43,
        blank=True,
        validators=[validate_network],
        help_text="Only from addresses of this network, such as 10.0.0.0/8. Empty: from anywhere.",
    )
    expires_at = models.DateTimeField(help_text="When it stops to work.")
    tags = models.ManyToManyField(
        Tag, blank=True, help_text="What an agent that enrols with it is tagged with."
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="enrolment_key_is_used_within_bounds",
                condition=models.Q(uses__lte=models.F("uses_allowed")),
            ),
        ]

    def is_live(self, now: datetime) -> bool:
        """True if one more machine may enrol at `now`."""
        return super().is_live(now) and self.uses < self.uses_allowed
