/**
 * Looks at everything that must be right before the first order: the way to each market, the clock, the key and its
 * rights, the modes of the accounts, the symbols. Each check says what it found in one plain sentence, and changes nothing.
 * Where a check cannot be made because an earlier one failed, it is not mentioned: the first refusal is the one to mend.
 */
import type { RateRule, VenueCapabilities } from '../../domain/venue.ts';
import { clockFinding, type LoadSymbols, symbolFindings, unreachable, unread } from '../wire/doctor-checks.ts';
import type { Finding } from '../wire/finding.ts';
import type { WantedSymbol } from '../wire/instruments.ts';
import type { ExamineOptions } from '../wire/venue.ts';
import type { VenueClock } from '../wire/venue-clock.ts';
import { accountNameOf } from './account-name.ts';
import type { Market } from './codec/frames.ts';
import {
	accountFinding,
	keyKnown,
	keyRefused,
	leverageFindings,
	mayTrade,
	modeFindings,
	protectionFinding,
	rightsFindings,
	rightsUnknown,
} from './doctor-account.ts';
import type { Read } from './read.ts';
import type { BinanceReads } from './reads.ts';
import type { KeyRights } from './reads-schemas.ts';
import type { Environment } from './urls.ts';

export interface DoctorParts extends ExamineOptions {
	readonly environment: Environment;
	/** As a person knows them: `api.binance.com`. */
	readonly hosts: Readonly<Record<Market, string>>;
	/** Best with little patience: whoever asks waits for the answer. */
	readonly reads: Readonly<Record<Market, BinanceReads>>;
	readonly venueClock: VenueClock;
	readonly capabilities: VenueCapabilities;
	readonly load: LoadSymbols;
	readonly streams: (of: { readonly markets: readonly Market[]; readonly hasKey: boolean }) => Promise<readonly Finding[]>;
	/** Of the venue's own timer on futures, where it is used. */
	readonly countdownMs: number | undefined;
	/** Whether there is a key at all; without one only public checks are made. */
	readonly hasKey: boolean;
}

export async function examine(parts: DoctorParts): Promise<readonly Finding[]> {
	const { wanted, environment } = parts;
	const markets = marketsOf(wanted);
	const times = await Promise.all(markets.map(async (market) => ({ market, time: await parts.reads[market].serverTimeMs() })));
	const ways = times.map(({ market, time }): Finding => {
		const host = parts.hosts[market];
		if (time.kind === 'failed') return unreachable({ host, isBox: environment === 'box' }, time);
		return { check: 'reachable', level: 'ok', sentence: `${host} answers` };
	});
	// Both markets of a box live at one address.
	const told = ways.filter(({ sentence }, index) => ways.findIndex((other) => other.sentence === sentence) === index);
	if (told.some(({ level }) => level === 'problem')) return told;
	const findings: Finding[] = [...told, await clockFinding(parts.venueClock)];
	const isKeyGood = parts.hasKey && (await examineKey(parts, markets, findings));
	const rest = await Promise.all([
		isKeyGood && markets.includes('linear') ? futuresFindings(parts) : [],
		symbolFindings(parts.load, wanted, isKeyGood),
		parts.streams({ markets, hasKey: isKeyGood }),
	]);
	return [...findings, ...rest.flat()];
}

/** Spot first. */
export function marketsOf(wanted: readonly WantedSymbol[]): readonly Market[] {
	return (['spot', 'linear'] as const).filter((market) => wanted.some(({ category }) => category === market));
}

/** Whether signed questions can go on. */
async function examineKey(parts: DoctorParts, markets: readonly Market[], findings: Finding[]): Promise<boolean> {
	const { environment, reads, capabilities, countdownMs } = parts;
	const asked = await Promise.all(markets.map(async (market) => ({ market, can: await canTrade(reads, market) })));
	for (const { market, can } of asked) {
		if (can.kind === 'ok') continue;
		const isGoodElsewhere = market === 'linear' ? (await reads.spot.spotAccount()).kind === 'ok' : undefined;
		findings.push(keyRefused(can, { environment, market, isGoodElsewhere }));
		return false;
	}
	const rights = await reads.spot.keyRights();
	findings.push(keyKnown(await accountNameOf(reads)));
	findings.push(...keyRightsFindings(parts, markets, rights));
	for (const { market, can } of asked) {
		// Said once already where the key itself may not.
		const isKeyAllowed = rights.kind === 'failed' || mayTrade(rights.value, market);
		if (can.kind === 'ok' && isKeyAllowed) findings.push(accountFinding(market, can.value));
		findings.push(protectionFinding(market, countdownMs));
	}
	findings.push(rateFinding(capabilities, markets));
	return true;
}

async function canTrade(reads: DoctorParts['reads'], market: Market): Promise<Read<boolean>> {
	const read = market === 'spot' ? await reads.spot.spotAccount() : await reads.linear.futuresConfig();
	return read.kind === 'ok' ? { ...read, value: read.value.canTrade } : read;
}

function keyRightsFindings(parts: DoctorParts, markets: readonly Market[], rights: Read<KeyRights>): Finding[] {
	const { environment, withdrawal, venueClock } = parts;
	if (rights.kind === 'ok') return rightsFindings(rights.value, { markets, withdrawal, venueNowMs: venueClock.venueNowMs() });
	// Not to know whether a key can withdraw real money is as bad as a key that can (F86); places for play cannot be asked.
	return environment === 'mainnet' ? [unread('withdrawal', rights)] : [rightsUnknown(environment)];
}

/** The venue says what we may still do only in answers, so this is what is counted on until then. */
function rateFinding({ rateRules }: VenueCapabilities, markets: readonly Market[]): Finding {
	const mine = rateRules.filter(({ categories }) => markets.some((market) => categories.includes(market)));
	const rates = mine.map(rateText).join(', ');
	return { check: 'rate limits', level: 'ok', sentence: `until answers say more, we count on these: ${rates}` };
}

function rateText({ verbs, categories, limit, windowMs }: RateRule): string {
	return `${verbs.join(' and ')} ${limit} in ${windowText(windowMs)} (${categories.join(' and ')})`;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

function windowText(windowMs: number): string {
	if (windowMs < MINUTE_MS) return `${windowMs / 1_000} s`;
	return windowMs < HOUR_MS ? `${windowMs / MINUTE_MS} min` : `${windowMs / HOUR_MS} h`;
}

async function futuresFindings({ reads, wanted, leverageMax }: DoctorParts): Promise<readonly Finding[]> {
	const [modes, configs] = await Promise.all([reads.linear.futuresConfig(), reads.linear.symbolConfigs()]);
	const symbols = new Set(wanted.filter(({ category }) => category === 'linear').map(({ symbol }) => symbol));
	return [
		...(modes.kind === 'ok' ? modeFindings(modes.value) : [unread('position mode', modes)]),
		...(configs.kind === 'ok'
			? leverageFindings(
					configs.value.filter(({ symbol }) => symbols.has(symbol)),
					leverageMax,
				)
			: [unread('leverage', configs)]),
	];
}
