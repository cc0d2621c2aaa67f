/**
 * Looks at everything that must be right before the first order: the way to the venue, the clock, the key and its
 * rights, the account's modes, the symbols. Each check says what it found in one plain sentence, and changes nothing.
 * Where a check cannot be made because an earlier one failed, it is not mentioned: the first refusal is the one to mend.
 */
import type { Category } from '../../domain/instrument.ts';
import type { VenueCapabilities } from '../../domain/venue.ts';
import { mapConcurrent } from '../../network/map-concurrent.ts';
import {
	accountFindings,
	dcpFinding,
	type Finding,
	feeFindings,
	keyFindings,
	keyRefused,
	positionFindings,
	type SymbolPositions,
	type WithdrawalRight,
} from './doctor-account.ts';
import { venueText } from './errors.ts';
import type { InstrumentsLoaded, WantedSymbol } from './instruments.ts';
import type { BybitReads, ReadFailed } from './reads.ts';
import type { KeyState } from './reads-schemas.ts';
import type { Environment } from './urls.ts';
import type { VenueClock } from './venue-clock.ts';

export type { Finding, WithdrawalRight } from './doctor-account.ts';

export interface DoctorParts {
	readonly environment: Environment;
	/** As a person knows it: `api.bybit.com`. */
	readonly host: string;
	/** Best with little patience: whoever asks waits for the answer. */
	readonly reads: BybitReads;
	readonly venueClock: VenueClock;
	readonly capabilities: VenueCapabilities;
	readonly load: (wanted: readonly WantedSymbol[], of: { readonly hasFees: boolean }) => Promise<InstrumentsLoaded>;
	readonly streams: (of: { readonly categories: readonly Category[]; readonly hasKey: boolean }) => Promise<readonly Finding[]>;
	readonly wanted: readonly WantedSymbol[];
	readonly withdrawal: WithdrawalRight;
	/** Our own limit. */
	readonly leverageMax: number;
	/** Whether there is a key at all; without one only public checks are made. */
	readonly hasKey: boolean;
}

/** The bounds at which the risk gate warns of the clock, and at which it lets no more creates out (PT21). */
const OFFSET_WARNING_MS = 250;
const OFFSET_REFUSAL_MS = 500;
const READS_AT_ONCE = 5;

export async function examine(parts: DoctorParts): Promise<readonly Finding[]> {
	const { reads, host, wanted } = parts;
	const time = await reads.serverTimeMs();
	if (time.kind === 'failed') return [unreachable(parts, time)];
	const findings: Finding[] = [{ check: 'reachable', level: 'ok', sentence: `${host} answers` }, await clockFinding(parts)];
	const isKeyGood = parts.hasKey && (await examineKey(parts, findings));
	const rest = await Promise.all([
		isKeyGood ? accountFindingsOf(parts) : [],
		symbolFindings(parts, isKeyGood),
		parts.streams({ categories: categoriesOf(wanted), hasKey: isKeyGood }),
	]);
	return [...findings, ...rest.flat()];
}

/** Whether quoting must not start, warnings or not. */
export function hasProblem(findings: readonly Finding[]): boolean {
	return findings.some(({ level }) => level === 'problem');
}

function unreachable({ host, environment }: DoctorParts, { code, sentence }: ReadFailed): Finding {
	const check = 'reachable';
	if (code !== undefined) return { check, level: 'problem', sentence: `${host} answers, but not to us: ${sentence}` };
	const mend =
		environment === 'box'
			? 'start the exchange in a box there (evenkeel exchange), or correct its address'
			: 'look at the network of this machine: name service, proxy, firewall';
	return { check, level: 'problem', sentence: `${host} cannot be reached: ${mend} (${sentence})` };
}

async function clockFinding({ venueClock }: DoctorParts): Promise<Finding> {
	const check = 'clock';
	const isMeasured = await new Promise<boolean>((resolve) => venueClock.remeasure(resolve));
	if (!isMeasured)
		return {
			check,
			level: 'problem',
			sentence: "the venue's clock cannot be measured: too few of five questions were answered; try again",
		};
	const { offsetMs } = venueClock;
	const off = Math.abs(offsetMs);
	const size = off < 1_000 ? `${off} ms` : `${(off / 1_000).toFixed(1)} s`;
	const sentence = `the clock of this machine is ${size} ${offsetMs > 0 ? 'behind' : 'ahead of'} the venue's`;
	if (off > OFFSET_REFUSAL_MS)
		return { check, level: 'problem', sentence: `${sentence}: set it, best by NTP; orders stop at ${OFFSET_REFUSAL_MS} ms` };
	if (off > OFFSET_WARNING_MS)
		return { check, level: 'warning', sentence: `${sentence}: orders stop at ${OFFSET_REFUSAL_MS} ms` };
	return { check, level: 'ok', sentence: off === 0 ? "the clock of this machine agrees with the venue's" : sentence };
}

/** Whether signed questions can go on. */
async function examineKey(parts: DoctorParts, findings: Finding[]): Promise<boolean> {
	const key = await parts.reads.key();
	if (key.kind === 'failed') {
		findings.push(keyRefused(key, parts.environment));
		return false;
	}
	const { wanted, withdrawal, venueClock } = parts;
	findings.push(
		...keyFindings(key.value, { wanted, withdrawal, venueNowMs: venueClock.venueNowMs() }),
		rateFinding(parts, key.value),
	);
	return true;
}

/** The venue says what we may still do only in answers to orders, so this is what is counted on until then. */
function rateFinding({ capabilities, wanted }: DoctorParts, { vipLevel }: KeyState): Finding {
	const mine = capabilities.rateRules.filter((rule) => rule.categories.some((each) => categoriesOf(wanted).includes(each)));
	const rates = mine.map(({ verbs, categories, limit, windowMs }) => {
		const perSec = (limit * 1_000) / windowMs;
		return `${verbs.join(' and ')} ${perSec} (${categories.join(' and ')})`;
	});
	const sentence = `level "${venueText(vipLevel)}"; until answers say more, we count on so many a second: ${rates.join(', ')}`;
	return { check: 'rate limits', level: 'ok', sentence };
}

async function accountFindingsOf(parts: DoctorParts): Promise<readonly Finding[]> {
	const { reads } = parts;
	const [account, modes, dcp] = await Promise.all([reads.account(), modeFindings(parts), reads.dcp()]);
	return [
		...(account.kind === 'ok' ? accountFindings(account.value) : [unread('account', account)]),
		...modes,
		dcpFinding(dcp.kind === 'ok' ? dcp.value : undefined),
	];
}

async function modeFindings({ reads, wanted, leverageMax }: DoctorParts): Promise<readonly Finding[]> {
	const contracts = wanted.filter(({ category }) => category !== 'spot');
	const read = await mapConcurrent(
		contracts,
		async ({ category, symbol }) => ({ kind: 'ok', value: { symbol, positions: await reads.positions({ category, symbol }) } }),
		{ concurrency: READS_AT_ONCE, settle: false },
	);
	if (read.kind !== 'ok') throw new Error('invariant broken: a read that failed is a value');
	const known: SymbolPositions[] = [];
	for (const { symbol, positions } of read.value) {
		if (positions.kind === 'ok') known.push({ symbol, rows: positions.value });
		// A symbol that does not exist is refused here as well, and said better below.
		else if (positions.class !== 'fatal') return [unread('position mode', positions)];
	}
	return positionFindings(known, leverageMax);
}

async function symbolFindings({ load, wanted }: DoctorParts, hasFees: boolean): Promise<Finding[]> {
	const loaded = await load(wanted, { hasFees });
	if (loaded.kind === 'refused') {
		return loaded.sentences.map((sentence) => ({ check: 'symbols', level: 'problem', sentence }));
	}
	return [listed(wanted), ...(hasFees ? feeFindings(loaded.specs) : [])];
}

function listed(wanted: readonly WantedSymbol[]): Finding {
	const names = categoriesOf(wanted).map((category) => {
		const symbols = wanted.filter((each) => each.category === category).map(({ symbol }) => symbol);
		return `${symbols.join(', ')} (${category})`;
	});
	return { check: 'symbols', level: 'ok', sentence: `listed and trading: ${names.join(', ')}` };
}

function categoriesOf(wanted: readonly WantedSymbol[]): readonly Category[] {
	return [...new Set(wanted.map(({ category }) => category))];
}

function unread(check: string, { sentence }: ReadFailed): Finding {
	return { check, level: 'problem', sentence };
}
