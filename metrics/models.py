"""The hot log: batches as they arrived, and what is known of each agent right now.

Times are whole milliseconds of Unix time, because they are the key by which a resent sample is
recognised, and a float would lose that.
"""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from agents.models import Agent


class Layout(models.Model):
    """The ordered series of a batch, shared by all batches that carry the same ones.

    An agent sends the same series in the same order for days. Naming them once leaves a batch with
    8 bytes a value and lets a query read a column of many batches as one array. Where containers
    come and go, each set of them is a layout: metrics.retention drops those that nothing names.
    """

    digest = models.BinaryField(max_length=32, unique=True)
    series = models.BinaryField(help_text="MessagePack: a list of [metric, instance].")
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        """Return the number people see in logs."""
        return f"layout {self.pk}"


class Batch(models.Model):
    """The samples of one request that have the same series, which nearly always is all of them.

    `payload` holds, little-endian, `sample_count` int64 times in milliseconds and as many rows of
    one float64 a series of `layout`.
    """

    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="+", db_index=False)
    layout = models.ForeignKey(Layout, on_delete=models.PROTECT, related_name="+", db_index=False)
    first_ms = models.BigIntegerField()
    last_ms = models.BigIntegerField()
    received_ms = models.BigIntegerField()
    sample_count = models.PositiveIntegerField()
    payload = models.BinaryField()

    class Meta:
        verbose_name_plural = "batches"
        indexes = [
            # Serves queries.series (a range of one agent), the search for resent samples, and
            # retention, which walks it agent by agent.
            models.Index(fields=["agent", "last_ms"], name="batch_agent_last"),
        ]

    def __str__(self) -> str:
        """Return the number people see in logs."""
        return f"batch {self.pk}"


class Tier(models.IntegerChoices):
    """How fine a chunk is; see metrics.tiers. DAMAGED keeps the last that could not be read."""

    RAW = 0
    FIVE_MINUTES = 1
    ONE_HOUR = 2
    DAMAGED = 9


class Chunk(models.Model):
    """The history of one agent over a span of its tier, in the form of metrics.codec.

    A raw chunk holds samples, one of a coarser tier the figures of buckets.
    """

    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="+", db_index=False)
    tier = models.PositiveSmallIntegerField(choices=Tier.choices)
    start_ms = models.BigIntegerField(help_text="When its span starts.")
    last_ms = models.BigIntegerField(help_text="The newest sample or bucket start in it.")
    sample_count = models.PositiveIntegerField(
        help_text="Samples in it, or those its buckets were made of."
    )
    revision = models.PositiveIntegerField(
        default=0, help_text="Counts rewrites, so that of two workers one finds that it is late."
    )
    data = models.BinaryField()
    is_rolled_up = models.BooleanField(
        default=False,
        help_text="Of 5 minutes: whether the chunk of an hour's tier has it as it is.",
    )
    data_bytes = models.PositiveIntegerField(default=0, help_text="How long `data` is.")
    value_count = models.PositiveIntegerField(
        default=0, help_text="Numbers in it: of each series the samples, or the buckets."
    )

    class Meta:
        constraints = [
            # Serves queries.series, which reads the days of one agent, and sealing.
            models.UniqueConstraint(
                fields=["agent", "tier", "start_ms"], name="chunk_agent_tier_start"
            ),
        ]
        indexes = [
            # Serves history.shelf, which must not walk through blobs to learn what there is.
            models.Index(
                fields=["agent", "start_ms", "tier", "last_ms", "revision", "is_rolled_up"],
                name="chunk_shelf",
            ),
            # Serves storage.storage, which adds up all chunks and must not walk through blobs.
            models.Index(
                fields=["tier", "start_ms", "data_bytes", "value_count"], name="chunk_sizes"
            ),
            # Serves rollups.roll_up, which asks every five minutes.
            models.Index(
                fields=["agent", "start_ms"],
                condition=models.Q(tier=Tier.FIVE_MINUTES, is_rolled_up=False),
                name="chunk_pending",
            ),
        ]

    def __str__(self) -> str:
        """Return the number people see in logs."""
        return f"chunk {self.pk}"


class AgentState(models.Model):
    """What is known of one agent right now; written with every batch, read by every page."""

    agent = models.OneToOneField(
        Agent, on_delete=models.CASCADE, primary_key=True, related_name="state"
    )
    last_seen_ms = models.BigIntegerField(help_text="When the last request arrived.")
    deadline_ms = models.BigIntegerField(help_text="When the agent counts as down.")
    stored_until_ms = models.BigIntegerField(help_text="The newest sample that was ever stored.")
    latest_ms = models.BigIntegerField(null=True, help_text="The newest sample that came live.")
    latest_layout = models.ForeignKey(
        Layout, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    latest_values = models.BinaryField(default=b"", help_text="float64, one a series.")
    latest_processes = models.BinaryField(default=b"", help_text="JSON, as the agent sent it.")
    cpu_hour = models.BinaryField(default=b"", help_text="In the form of metrics.cpu_hour.")
    clock_skew_ms = models.BigIntegerField(default=0, help_text="Arrival less `sent_at`.")
    backlog = models.PositiveIntegerField(default=0, help_text="Samples the agent still holds.")
    dropped = models.PositiveBigIntegerField(
        default=0, help_text="Samples the agent had to throw away, as it counts them."
    )

    def __str__(self) -> str:
        """Return whose state this is."""
        return f"state of agent {self.agent_id}"


class AgentEvent(models.Model):
    """Something that happened to an agent; metrics.events says what can, and writes it."""

    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="+", db_index=False)
    at_ms = models.BigIntegerField()
    kind = models.CharField(max_length=20)
    before = models.CharField(max_length=255, blank=True)
    after = models.CharField(max_length=255, blank=True)

    class Meta:
        indexes = [
            # Serves queries.events and events.prune, which walks it agent by agent.
            models.Index(fields=["agent", "at_ms"], name="agent_event_at"),
        ]

    def __str__(self) -> str:
        """Return the number people see in logs."""
        return f"event {self.pk}"


class JobRun(models.Model):
    """The last run of one task of the worker; `finished_at` is null while it runs."""

    name = models.CharField(max_length=100, primary_key=True)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    ok = models.BooleanField(default=True)
    detail = models.CharField(max_length=200, blank=True)
    lag_seconds = models.FloatField(
        null=True, help_text="From when the clock rang to when the worker began."
    )

    class Meta:
        permissions = [("view_server", "Can see how the server itself is doing")]

    def __str__(self) -> str:
        """Return what people know the task by."""
        return self.name


class IngestMinute(models.Model):
    """What one web process took in one minute, and how long its requests took."""

    minute_at = models.DateTimeField()
    process = models.PositiveIntegerField(help_text="The process's id.")
    requests = models.PositiveIntegerField()
    samples = models.PositiveIntegerField()
    values_stored = models.PositiveBigIntegerField()
    p50_us = models.PositiveBigIntegerField()
    p99_us = models.PositiveBigIntegerField()

    class Meta:
        indexes = [
            # Serves meter.ingest_rates and meter.prune.
            models.Index(fields=["minute_at"], name="ingest_minute_at"),
        ]

    def __str__(self) -> str:
        """Return when it was, and where."""
        return f"{self.minute_at:%Y-%m-%d %H:%M} of process {self.process}"
