/** How long a lock lasts that nobody renews any more, in seconds. */
export const LEASE_SECONDS = 30;
