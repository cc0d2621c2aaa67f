/** The look at every venue before a session trades: what stands in the way, what to know, whose accounts and keys it has. */
import { type Finding, hasProblem } from '../venues/wire/finding.ts';
import type { Config } from './config/config.ts';
import { needsBox, type VenueSettings } from './config/venue-settings.ts';
import { type ExaminationPorts, examineVenue, placedSentence } from './doctor.ts';
import type { VenueAccess } from './venue-access.ts';

type Looked =
	| {
			readonly kind: 'fine';
			readonly warnings: readonly string[];
			readonly accounts: ReadonlyMap<string, string>;
			/** Of keys that end at all, by venue. */
			readonly keyEndsAtMs: Map<string, number>;
	  }
	| { readonly kind: 'refused'; readonly sentences: readonly string[] };

interface Seen {
	readonly settings: VenueSettings;
	readonly findings: readonly Finding[];
}

/** What a doctor calls a problem is a reason not to begin: no order leaves before this is over. */
export async function lookFirst(
	{ config, venues }: { readonly config: Config; readonly venues: readonly VenueAccess[] },
	ports: ExaminationPorts,
): Promise<Looked> {
	const seen = await Promise.all(
		venues.map(async (access) => {
			const { settings } = access;
			const rng = venues.length === 1 ? ports.rng : ports.rng.fork(settings.venue);
			const findings = await examineVenue({ config, access, isForTrading: true }, { ...ports, rng });
			return { settings, findings };
		}),
	);
	const sentencesOf = (level: Finding['level'], of = seen): readonly string[] =>
		of.flatMap(({ settings, findings }) =>
			findings.filter((each) => each.level === level).map((each) => placedSentence(each, settings)),
		);
	if (seen.some(({ findings }) => hasProblem(findings))) return { kind: 'refused', sentences: sentencesOf('problem') };
	// A box that was started for this session is of our own making, and nobody needs to be warned of it.
	const others = seen.filter(({ settings }) => !needsBox(settings));
	return { kind: 'fine', warnings: sentencesOf('warning', others), accounts: accountsIn(seen), keyEndsAtMs: keyEndsIn(seen) };
}

function accountsIn(seen: readonly Seen[]): ReadonlyMap<string, string> {
	const accounts = new Map<string, string>();
	for (const { settings, findings } of seen) {
		const account = findings.find((each) => each.account !== undefined)?.account;
		if (account !== undefined) accounts.set(settings.venue, account);
	}
	return accounts;
}

function keyEndsIn(seen: readonly Seen[]): Map<string, number> {
	const ends = new Map<string, number>();
	for (const { settings, findings } of seen) noteKeyEnd(ends, settings.venue, findings);
	return ends;
}

/** When the key of a venue ends that was looked at just now; one that does not is not among them. */
export function noteKeyEnd(ends: Map<string, number>, venue: string, findings: readonly Finding[]): void {
	const endsAtMs = findings.find((each) => each.endsAtMs !== undefined)?.endsAtMs;
	if (endsAtMs === undefined) ends.delete(venue);
	else ends.set(venue, endsAtMs);
}
