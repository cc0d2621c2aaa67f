/**
 * Looks at everything that must be right before the first order: the way to the venue, the clock, the key and its
 * rights, the account's modes, the symbols. Each check says what it found in one plain sentence, and changes nothing.
 * Where a check cannot be made because an earlier one failed, it is not mentioned: the first refusal is the one to mend.
 */
import type { Category } from '../../domain/instrument.ts';
import type { VenueCapabilities } from '../../domain/venue.ts';
import { mapConcurrent } from '../../network/map-concurrent.ts';
import { categoriesOf, clockFinding, type LoadSymbols, symbolFindings, unreachable, unread } from '../wire/doctor-checks.ts';
import type { Finding, WithdrawalRight } from '../wire/finding.ts';
import type { WantedSymbol } from '../wire/instruments.ts';
import type { VenueClock } from '../wire/venue-clock.ts';
import { venueText } from '../wire/verdict.ts';
import {
	accountFindings,
	dcpFinding,
	keyFindings,
	keyRefused,
	positionFindings,
	type SymbolPositions,
} from './doctor-account.ts';
import type { BybitReads } from './reads.ts';
import type { KeyState } from './reads-schemas.ts';
import type { Environment } from './urls.ts';

export { type Finding, hasProblem, type WithdrawalRight } from '../wire/finding.ts';

export interface DoctorParts {
	readonly environment: Environment;
	/** As a person knows it: `api.bybit.com`. */
	readonly host: string;
	/** Best with little patience: whoever asks waits for the answer. */
	readonly reads: BybitReads;
	readonly venueClock: VenueClock;
	readonly capabilities: VenueCapabilities;
	readonly load: LoadSymbols;
	readonly streams: (of: { readonly categories: readonly Category[]; readonly hasKey: boolean }) => Promise<readonly Finding[]>;
	readonly wanted: readonly WantedSymbol[];
	readonly withdrawal: WithdrawalRight;
	/** Our own limit. */
	readonly leverageMax: number;
	/** Whether there is a key at all; without one only public checks are made. */
	readonly hasKey: boolean;
}

const READS_AT_ONCE = 5;

export async function examine(parts: DoctorParts): Promise<readonly Finding[]> {
	const { reads, host, wanted } = parts;
	const time = await reads.serverTimeMs();
	if (time.kind === 'failed') return [unreachable({ host, isBox: parts.environment === 'box' }, time)];
	const findings: Finding[] = [
		{ check: 'reachable', level: 'ok', sentence: `${host} answers` },
		await clockFinding(parts.venueClock),
	];
	const isKeyGood = parts.hasKey && (await examineKey(parts, findings));
	const rest = await Promise.all([
		isKeyGood ? accountFindingsOf(parts) : [],
		symbolFindings(parts.load, wanted, isKeyGood),
		parts.streams({ categories: categoriesOf(wanted), hasKey: isKeyGood }),
	]);
	return [...findings, ...rest.flat()];
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
