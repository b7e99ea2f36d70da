import type { EventObject } from './kubernetes.ts';

const times = new WeakMap<EventObject, number>();

/**
 * When an event was last seen, ms since the epoch. Old and new event APIs keep it in different fields. Objects of a view
 * are replaced, never changed, so the time is read once: a group of 500 workloads has tens of thousands of events.
 */
export function lastSeen(event: EventObject): number {
  const known = times.get(event);
  if (known !== undefined) return known;
  const time = Date.parse(
    event.series?.lastObservedTime ?? event.lastTimestamp ?? event.eventTime ?? event.metadata.creationTimestamp,
  );
  times.set(event, time);
  return time;
}

/** How often it was seen; an event without a count was seen once. */
export function timesSeen(event: EventObject): number {
  return event.series?.count ?? event.count ?? 1;
}
