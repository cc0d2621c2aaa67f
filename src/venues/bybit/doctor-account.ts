/** What the key may do and how the account is set up, one finding each. Pure: judged from what the venue said. */
import type { Category } from '../../domain/instrument.ts';
import { addressFinding, grouped, leverageFinding, unread, withdrawalFinding } from '../wire/doctor-checks.ts';
import type { Finding, WithdrawalRight } from '../wire/finding.ts';
import type { WantedSymbol } from '../wire/instruments.ts';
import { venueText } from '../wire/verdict.ts';
import type { ReadFailed } from './reads.ts';
import type { AccountState, DcpState, KeyState, PositionRow } from './reads-schemas.ts';
import type { Environment } from './urls.ts';

const DAY_MS = 86_400_000;
/** Bybit ends keys without an address list after 90 days; two weeks are enough for a person to make another (F55). */
const EXPIRY_WARNING_MS = 14 * DAY_MS;
/** Accounts below this are the old kind with separate wallets. */
const UNIFIED_STATUS_MIN = 3;

/** Why the first signed question was refused, as a person can act on it. */
export function keyRefused(failure: ReadFailed, environment: Environment): Finding {
	const sentences: ReadonlyMap<number | undefined, string> = new Map([
		[10003, unknownKey(environment)],
		[10004, 'the API secret does not belong to the API key: the signature is refused; copy both anew, from one key'],
		[10005, 'the API key lacks the permission to read its own rights: make one with the permissions to read and to trade'],
		[10007, 'Bybit cannot tell whose API key this is: make a new one'],
		[10008, 'the account is banned or of the wrong mode: ask Bybit'],
		[10009, 'Bybit does not serve this address or region'],
		[10010, 'this machine is not on the address list of the API key: add its address, or use the machine that is'],
		[33004, 'the API key has expired: make a new one'],
		[-2015, 'the API key has expired: make a new one'],
		[401, 'the API key is not accepted: copy it anew'],
	]);
	return unread('key', failure, sentences.get(failure.code));
}

function unknownKey(environment: Environment): string {
	if (environment === 'box') return 'the exchange in a box does not know this API key: take one that it printed when it started';
	return `Bybit's ${environment} environment does not know this API key: it is mistyped, deleted, or was made for another environment`;
}

export function keyFindings(
	key: KeyState,
	of: { readonly wanted: readonly WantedSymbol[]; readonly venueNowMs: number; readonly withdrawal: WithdrawalRight },
): Finding[] {
	const account = accountOf(key);
	const known: Finding = { check: 'key', level: 'ok', sentence: 'the API key is known and its secret fits' };
	const findings: Finding[] = [account === undefined ? known : { ...known, account }];
	const canWithdraw = key.permissions['Wallet']?.includes('Withdraw') === true;
	const { ips } = key;
	const isOpen = ips === null || ips.length === 0 || ips.includes('*');
	findings.push(...missingRights(key, of.wanted), withdrawalFinding(canWithdraw, of.withdrawal), addressFinding(isOpen));
	const expiry = expiryOf(key, of.venueNowMs);
	if (expiry !== undefined) findings.push(expiry);
	if (key.uta !== 1) {
		findings.push({
			check: 'account',
			level: 'problem',
			sentence: 'the account is no unified trading account: upgrade it at Bybit, or use a key of one that is',
		});
	}
	return findings;
}

/** The same for every key of one account, and no other's; undefined where the venue does not say. */
export function accountOf({ userID }: KeyState): string | undefined {
	return userID === undefined || Number(userID) === 0 ? undefined : String(userID);
}

export function missingRights(key: KeyState, wanted: readonly WantedSymbol[]): Finding[] {
	if (key.readOnly !== 0) {
		return [{ check: 'permission', level: 'problem', sentence: 'the API key may only read: make one that may also trade' }];
	}
	const categories = [...new Set(wanted.map(({ category }) => category))];
	return categories.map((category) =>
		mayTrade(key, category)
			? { check: 'permission', level: 'ok', sentence: `the API key may trade ${category}` }
			: {
					check: 'permission',
					level: 'problem',
					sentence: `the API key may not trade ${category}: it lacks the permission ${category === 'spot' ? 'Spot trade' : 'Contract orders'}`,
				},
	);
}

function mayTrade({ permissions }: KeyState, category: Category): boolean {
	const has = (group: string, right: string): boolean => permissions[group]?.includes(right) ?? false;
	if (category === 'spot') return has('Spot', 'SpotTrade');
	return has('ContractTrade', 'Order') || has('Derivatives', 'DerivativesTrade');
}

function expiryOf({ expiredAt }: KeyState, venueNowMs: number): Finding | undefined {
	const expiresAtMs = Date.parse(expiredAt);
	if (Number.isNaN(expiresAtMs)) return undefined;
	const leftMs = expiresAtMs - venueNowMs;
	const days = Math.floor(leftMs / DAY_MS);
	if (leftMs <= 0) return { check: 'expiry', level: 'problem', sentence: 'the API key has expired: make a new one' };
	const endsAtMs = expiresAtMs;
	if (leftMs >= EXPIRY_WARNING_MS)
		return { check: 'expiry', level: 'ok', sentence: `the API key lives another ${days} days`, endsAtMs };
	return {
		endsAtMs,
		check: 'expiry',
		level: 'warning',
		sentence: `the API key expires in ${days === 1 ? '1 day' : `${days} days`}: make a new one in time`,
	};
}

export function accountFindings({ unifiedMarginStatus, marginMode }: AccountState): Finding[] {
	const isUnified = unifiedMarginStatus >= UNIFIED_STATUS_MIN;
	const unified: Finding = isUnified
		? { check: 'account', level: 'ok', sentence: 'the account is a unified trading account' }
		: { check: 'account', level: 'problem', sentence: 'the account is a classic one: upgrade it to a unified trading account' };
	// Isolated margin splits the money by position, and what one symbol may lose is not what the limits count with.
	const margin: Finding =
		marginMode === 'ISOLATED_MARGIN'
			? { check: 'margin', level: 'warning', sentence: 'the account uses isolated margin: switch to cross margin at Bybit' }
			: { check: 'margin', level: 'ok', sentence: `the account uses ${venueText(marginMode).toLowerCase().replace('_', ' ')}` };
	return [unified, margin];
}

export interface SymbolPositions {
	readonly symbol: string;
	readonly rows: readonly PositionRow[];
}

/** Orders are sent without a side of a hedge, so hedge mode refuses every one of them (F62). */
export function positionFindings(read: readonly SymbolPositions[], leverageMax: number): Finding[] {
	const isHedged = ({ rows }: SymbolPositions): boolean => rows.some(({ positionIdx }) => positionIdx !== 0);
	const check = 'position mode';
	const findings: Finding[] = [];
	const hedged = read.filter(isHedged).map(({ symbol }) => symbol);
	const oneWay = read.filter((each) => !isHedged(each));
	if (hedged.length > 0) {
		const sentence = `in hedge mode: ${hedged.join(', ')}; switch to one-way mode at Bybit, which needs a flat position and no orders`;
		findings.push({ check, level: 'problem', sentence });
	}
	if (oneWay.length > 0) {
		findings.push({ check, level: 'ok', sentence: `in one-way mode: ${oneWay.map(({ symbol }) => symbol).join(', ')}` });
	}
	const leverages = grouped(oneWay, ({ rows }) => rows[0]?.leverage ?? '');
	for (const [leverage, symbols] of leverages) {
		if (Number(leverage) > 0)
			findings.push(leverageFinding({ leverage: Number(leverage), leverageMax }, { venueName: 'Bybit', symbols }));
	}
	return findings;
}

/** Only institutional accounts have it. */
export function dcpFinding(states: readonly DcpState[] | undefined): Finding {
	const check = 'disconnect protection';
	const active = (states ?? []).filter(({ dcpStatus }) => dcpStatus === 'ON');
	if (active.length === 0) {
		const sentence = 'Bybit cancels nothing by itself when the connection dies: what is open then stays open';
		return { check, level: 'note', sentence };
	}
	const windows = active.map(({ product, timeWindow }) => `${venueText(product)} after ${timeWindow} s`).join(', ');
	return { check, level: 'ok', sentence: `Bybit cancels orders by itself when the connection dies: ${windows}` };
}
