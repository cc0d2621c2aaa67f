/**
 * Everything that a person can be alerted of. The code is also the heading of its chapter in `docs/runbooks.md`, which says
 * what to look at and what to do. How grave: `critical` means that trading stopped or that money is at risk without a
 * person, `warning` that it goes on for now, `info` that nothing has to be done.
 */
export type Severity = 'critical' | 'warning' | 'info';

interface AlertEntry {
	readonly severity: Severity;
	/** What it means, in one line. */
	readonly means: string;
}

export const ALERTS = {
	killed: { severity: 'critical', means: 'everything was cancelled, and nothing is placed until a person re-arms' },
	'reduce-only': { severity: 'critical', means: 'positions may only shrink until a person re-arms' },
	bug: { severity: 'critical', means: 'something broke inside, and the session ended itself' },
	'orders-left': { severity: 'critical', means: 'a session ended, and orders could not be proven gone' },
	'no-sentinel': { severity: 'critical', means: 'nothing is quoted, since no sentinel watches' },
	'orders-unheard': { severity: 'critical', means: 'nothing is quoted, since the venue tells us nothing of our orders' },
	banned: { severity: 'critical', means: 'the venue has shut us out for a while' },
	'orders-in-doubt': { severity: 'critical', means: 'nothing is quoted, since it is unknown what became of orders' },
	'journal-refused': { severity: 'critical', means: 'nothing is placed, since the disk does not take the journal' },
	'journal-slow': { severity: 'critical', means: 'nothing is quoted, since the journal does not keep up' },
	'clock-off': { severity: 'critical', means: "nothing is quoted, since our clock and the venue's differ too much" },
	paused: { severity: 'critical', means: 'nothing is quoted, for a reason of its own' },
	throttled: { severity: 'warning', means: 'nothing is quoted, since the venue refuses because of its rate limits' },
	comparing: { severity: 'warning', means: 'nothing is quoted until what we know agrees with the venue' },
	'paused-by-operator': { severity: 'warning', means: 'a person or a program asked for a pause' },
	recovering: { severity: 'info', means: 'it is being found out what the last run left' },
	'warming-up': { severity: 'info', means: 'the first moments of a run are without quotes' },
	unguarded: { severity: 'critical', means: 'a symbol is not quoted, since the venue would not cancel if we fell silent' },
	'strategy-failed': { severity: 'critical', means: 'a symbol is not quoted, since its strategy failed' },
	'account-mode': { severity: 'critical', means: 'a symbol is not quoted, since the account is set up differently now' },
	runaway: { severity: 'critical', means: 'a symbol is not quoted, since it acted far too often' },
	'book-stale': { severity: 'warning', means: 'a symbol is not quoted, since its book is old or broken' },
	'price-outlier': { severity: 'warning', means: 'a symbol is not quoted, since its prices do not fit together' },
	'not-trading': { severity: 'warning', means: 'a symbol is not quoted, since the venue does not trade it now' },
	'loop-lagged': { severity: 'warning', means: 'symbols are not quoted, since our process was held up' },
	'orders-refused': { severity: 'warning', means: 'the venue refuses orders of a symbol again and again' },
	'symbol-held': { severity: 'warning', means: 'a symbol is not quoted, for a reason of its own' },
	'symbol-closing': { severity: 'info', means: 'a symbol is not quoted while a position in it is being closed' },
	'limits-tightened': { severity: 'info', means: 'orders that no longer fit lowered limits are being cancelled' },
	'stream-down': { severity: 'warning', means: 'a stream of the venue is down' },
	'login-refused': { severity: 'critical', means: 'the venue refuses the login of a stream' },
	'topic-refused': { severity: 'warning', means: 'the venue refuses a topic of a stream' },
	'exit-refused': { severity: 'critical', means: 'a position is to be closed, and the gate does not let it pass' },
	unwatched: { severity: 'critical', means: 'an earlier decision left something in a symbol that nobody follows any more' },
	'clock-drifts': { severity: 'warning', means: "our clock and the venue's begin to differ" },
	'foreign-orders': { severity: 'info', means: 'orders of somebody else are open in our symbols' },
	'old-execution': { severity: 'warning', means: 'an execution came that is too old to be booked for sure' },
	'key-expires': { severity: 'warning', means: 'an API key expires soon' },
	'memory-high': { severity: 'critical', means: 'the process needs nearly all memory that it may have' },
	'disk-low': { severity: 'critical', means: 'little room is left on the disk of the data folder' },
	'points-lost': { severity: 'warning', means: 'points for the time series database were lost' },
	'sink-failing': { severity: 'warning', means: 'alerts do not get through to where they are sent' },
	test: { severity: 'info', means: 'somebody tried out whether alerts arrive' },
} as const satisfies Readonly<Record<string, AlertEntry>>;

export type AlertCode = keyof typeof ALERTS;

const RANK: Readonly<Record<Severity, number>> = { info: 0, warning: 1, critical: 2 };

export function isAtLeast(severity: Severity, least: Severity): boolean {
	return RANK[severity] >= RANK[least];
}
