/**
 * Looks at everything that must be right before the first order: the way to the venue, the clock, the key and its
 * rights, the account's modes, the symbols. Each check says what it found in one plain sentence, and changes nothing.
 * Where a check cannot be made because an earlier one failed, it is not mentioned: the first refusal is the one to mend.
 */
import { accountFindings, dcpFinding, type Finding, keyFindings, keyRefused, positionFindings } from './doctor-account.ts';
import type { BybitInstruments, WantedSymbol } from './instruments.ts';
import type { BybitReads, Read } from './reads.ts';
import type { Environment } from './urls.ts';
import type { VenueClock } from './venue-clock.ts';

export type { Finding } from './doctor-account.ts';

export interface DoctorParts {
	readonly environment: Environment;
	/** As a person knows it: `api.bybit.com`. */
	readonly host: string;
	/** Best without patience: whoever asks waits for the answer. */
	readonly reads: BybitReads;
	readonly venueClock: VenueClock;
	readonly instruments: BybitInstruments;
	readonly wanted: readonly WantedSymbol[];
	/** A key that can withdraw is refused unless this says otherwise. */
	readonly isWithdrawForced: boolean;
	readonly leverageMax?: number;
	/** Whether there is a key at all; without one only public checks are made. */
	readonly hasKey: boolean;
}

/** The bounds at which the risk gate warns of the clock, and at which it lets no more creates out (PT21). */
const OFFSET_WARNING_MS = 250;
const OFFSET_REFUSAL_MS = 500;

export const EXIT_FINE = 0;
export const EXIT_REFUSED = 2;

export async function examine(parts: DoctorParts): Promise<readonly Finding[]> {
	const { reads, host, hasKey } = parts;
	const time = await reads.serverTimeMs();
	if (time.kind === 'failed') {
		return [{ check: 'reachable', level: 'refusal', sentence: `${host} cannot be reached: ${time.sentence}` }];
	}
	const findings: Finding[] = [{ check: 'reachable', level: 'fine', sentence: `${host} answers` }, await clockFinding(parts)];
	if (hasKey && (await examineKey(parts, findings))) await examineAccount(parts, findings);
	findings.push(...(await symbolFindings(parts)));
	return findings;
}

/** What a command ends with: 2 where quoting must not start, warnings or not. */
export function exitCodeOf(findings: readonly Finding[]): typeof EXIT_FINE | typeof EXIT_REFUSED {
	return findings.some(({ level }) => level === 'refusal') ? EXIT_REFUSED : EXIT_FINE;
}

async function clockFinding({ venueClock }: DoctorParts): Promise<Finding> {
	const check = 'clock';
	const isMeasured = await new Promise<boolean>((resolve) => venueClock.remeasure(resolve));
	if (!isMeasured) return { check, level: 'refusal', sentence: "the venue's clock cannot be measured: too few answers came" };
	const { offsetMs } = venueClock;
	const off = Math.abs(offsetMs);
	const size = off < 1_000 ? `${off} ms` : `${(off / 1_000).toFixed(1)} s`;
	const sentence = `the clock of this machine is ${size} ${offsetMs > 0 ? 'behind' : 'ahead of'} the venue's`;
	if (off > OFFSET_REFUSAL_MS) return { check, level: 'refusal', sentence: `${sentence}: set it, best by NTP` };
	if (off > OFFSET_WARNING_MS)
		return { check, level: 'warning', sentence: `${sentence}: orders stop at ${OFFSET_REFUSAL_MS} ms` };
	return { check, level: 'fine', sentence: off === 0 ? "the clock of this machine agrees with the venue's" : sentence };
}

/** Whether signed questions can go on. */
async function examineKey(parts: DoctorParts, findings: Finding[]): Promise<boolean> {
	const key = await parts.reads.key();
	if (key.kind === 'failed') {
		findings.push(keyRefused(key, parts.environment));
		return false;
	}
	const { wanted, isWithdrawForced, venueClock } = parts;
	findings.push(...keyFindings(key.value, { wanted, isWithdrawForced, venueNowMs: venueClock.venueNowMs() }));
	const seen = key.limits === undefined ? 'no limits were shown' : `questions like this one ${key.limits.limit} a second`;
	findings.push({ check: 'rate limits', level: 'fine', sentence: `level "${key.value.vipLevel}", ${seen}` });
	return true;
}

async function examineAccount(parts: DoctorParts, findings: Finding[]): Promise<void> {
	const { reads, wanted, leverageMax } = parts;
	const account = await reads.account();
	if (account.kind === 'ok') findings.push(...accountFindings(account.value));
	else findings.push(unread('account', account));
	for (const { category, symbol } of wanted) {
		if (category === 'spot') continue;
		const positions = await reads.positions({ category, symbol });
		if (positions.kind === 'ok') findings.push(...positionFindings(symbol, positions.value, leverageMax));
		// A symbol that does not exist is refused here as well, and said better below.
		else if (positions.class !== 'fatal') findings.push(unread('position mode', positions));
	}
	const dcp = await reads.dcp();
	findings.push(dcpFinding(dcp.kind === 'ok' ? dcp.value : undefined));
}

async function symbolFindings({ instruments, wanted }: DoctorParts): Promise<Finding[]> {
	if (wanted.length === 0) return [];
	const loaded = await instruments.load(wanted);
	if (loaded.kind === 'refused') {
		return loaded.sentences.map((sentence) => ({ check: 'symbols', level: 'refusal', sentence }));
	}
	const names = wanted.map(({ category, symbol }) => `${symbol} (${category})`).join(', ');
	return [{ check: 'symbols', level: 'fine', sentence: `listed and trading: ${names}` }];
}

function unread(check: string, { sentence }: Extract<Read<unknown>, { kind: 'failed' }>): Finding {
	return { check, level: 'refusal', sentence };
}
