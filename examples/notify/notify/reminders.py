"""Reminders that wait in Redis until they are due."""

from dataclasses import dataclass

from redis import Redis

QUEUE = "reminders"


@dataclass(frozen=True)
class Reminder:
    appointment: str
    #: Seconds since the epoch.
    due: float


def schedule(redis: Redis, reminder: Reminder) -> None:
    """Queues a reminder; one that is there already moves to its new time."""
    redis.zadd(QUEUE, {reminder.appointment: reminder.due})


def cancel(redis: Redis, appointment: str) -> bool:
    """Takes a reminder out of the queue. False where there was none."""
    return redis.zrem(QUEUE, appointment) == 1


def take_due(redis: Redis, now: float) -> list[Reminder]:
    """Takes what is due, earliest first. Two that ask at once never get the same reminder."""
    taken = []
    for appointment, due in redis.zrangebyscore(QUEUE, "-inf", now, withscores=True):
        if redis.zrem(QUEUE, appointment) == 1:
            taken.append(Reminder(appointment.decode(), due))
    return taken
