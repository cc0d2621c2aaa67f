/** What the key may do and how the account is set up, one finding each. Pure: judged from what the venue said. */
import type { Category } from '../../domain/instrument.ts';
import type { WantedSymbol } from './instruments.ts';
import type { ReadFailed } from './reads.ts';
import type { AccountState, DcpState, KeyState, PositionRow } from './reads-schemas.ts';
import type { Environment } from './urls.ts';

/** `refusal`: quoting must not start. */
export type Level = 'fine' | 'note' | 'warning' | 'refusal';

export interface Finding {
	/** A short name, for lists and scripts. */
	readonly check: string;
	readonly level: Level;
	readonly sentence: string;
}

const DAY_MS = 86_400_000;
/** Bybit ends keys without an address list after 90 days; two weeks are enough for a person to make another (F55). */
const EXPIRY_WARNING_MS = 14 * DAY_MS;
/** Accounts below this are the old kind with separate wallets. */
const UNIFIED_STATUS_MIN = 3;

/** Why the first signed question was refused, as a person can act on it. */
export function keyRefused(failure: ReadFailed, environment: Environment): Finding {
	const sentences: ReadonlyMap<number | undefined, string> = new Map([
		[
			10003,
			`Bybit's ${environment} environment does not know this API key: it is mistyped, deleted, or was made for another environment`,
		],
		[10004, 'the API secret does not belong to the API key: the signature is refused'],
		[10005, 'the API key lacks the permission to read its own rights'],
		[10007, 'Bybit cannot tell whose API key this is: make a new one'],
		[10008, 'the account is banned or of the wrong mode'],
		[10009, 'Bybit does not serve this address or region'],
		[10010, 'this machine is not on the address list of the API key: add its address, or use the machine that is'],
		[33004, 'the API key has expired: make a new one'],
		[-2015, 'the API key has expired: make a new one'],
		[401, 'the API key is not accepted'],
	]);
	return { check: 'key', level: 'refusal', sentence: sentences.get(failure.code) ?? failure.sentence };
}

export function keyFindings(
	key: KeyState,
	of: { readonly wanted: readonly WantedSymbol[]; readonly venueNowMs: number; readonly isWithdrawForced: boolean },
): Finding[] {
	const findings: Finding[] = [{ check: 'key', level: 'fine', sentence: 'the API key is known and its secret fits' }];
	findings.push(...missingRights(key, of.wanted), withdrawal(key, of.isWithdrawForced), addressList(key));
	const expiry = expiryOf(key, of.venueNowMs);
	if (expiry !== undefined) findings.push(expiry);
	if (key.uta !== 1) {
		findings.push({
			check: 'account',
			level: 'refusal',
			sentence: 'the account is no unified trading account: upgrade it at Bybit, or use a key of one that is',
		});
	}
	return findings;
}

function missingRights(key: KeyState, wanted: readonly WantedSymbol[]): Finding[] {
	if (key.readOnly !== 0) {
		return [{ check: 'permission', level: 'refusal', sentence: 'the API key may only read: make one that may also trade' }];
	}
	const categories = [...new Set(wanted.map(({ category }) => category))];
	return categories.map((category) =>
		mayTrade(key, category)
			? { check: 'permission', level: 'fine', sentence: `the API key may trade ${category}` }
			: {
					check: 'permission',
					level: 'refusal',
					sentence: `the API key may not trade ${category}: it lacks the permission ${category === 'spot' ? 'Spot trade' : 'Contract orders'}`,
				},
	);
}

function mayTrade({ permissions }: KeyState, category: Category): boolean {
	const has = (group: string, right: string): boolean => permissions[group]?.includes(right) ?? false;
	if (category === 'spot') return has('Spot', 'SpotTrade');
	return has('ContractTrade', 'Order') || has('Derivatives', 'DerivativesTrade');
}

function withdrawal({ permissions }: KeyState, isForced: boolean): Finding {
	const check = 'withdrawal';
	if (permissions['Wallet']?.includes('Withdraw') !== true) {
		return { check, level: 'fine', sentence: 'the API key cannot withdraw money' };
	}
	const danger = 'the API key can withdraw money, which a trading program never needs';
	return isForced
		? { check, level: 'warning', sentence: `${danger}; going on since that was forced` }
		: { check, level: 'refusal', sentence: `${danger}: take the right away, or force it explicitly` };
}

function addressList({ ips }: KeyState): Finding {
	const isOpen = ips === null || ips.length === 0 || ips.includes('*');
	return isOpen
		? {
				check: 'addresses',
				level: 'warning',
				sentence: 'the API key works from any address: bind it to the address of this machine',
			}
		: { check: 'addresses', level: 'fine', sentence: 'the API key is bound to addresses' };
}

function expiryOf({ expiredAt }: KeyState, venueNowMs: number): Finding | undefined {
	const expiresAtMs = Date.parse(expiredAt);
	if (Number.isNaN(expiresAtMs)) return undefined;
	const leftMs = expiresAtMs - venueNowMs;
	const days = Math.floor(leftMs / DAY_MS);
	if (leftMs <= 0) return { check: 'expiry', level: 'refusal', sentence: 'the API key has expired: make a new one' };
	if (leftMs >= EXPIRY_WARNING_MS) return { check: 'expiry', level: 'fine', sentence: `the API key lives another ${days} days` };
	return {
		check: 'expiry',
		level: 'warning',
		sentence: `the API key expires in ${days === 1 ? '1 day' : `${days} days`}: make a new one in time`,
	};
}

export function accountFindings({ unifiedMarginStatus, marginMode }: AccountState): Finding[] {
	const isUnified = unifiedMarginStatus >= UNIFIED_STATUS_MIN;
	const unified: Finding = isUnified
		? { check: 'account', level: 'fine', sentence: 'the account is a unified trading account' }
		: { check: 'account', level: 'refusal', sentence: 'the account is a classic one: upgrade it to a unified trading account' };
	// Isolated margin splits the money by position, and what one symbol may lose is not what the limits count with.
	const margin: Finding =
		marginMode === 'ISOLATED_MARGIN'
			? { check: 'margin', level: 'warning', sentence: 'the account uses isolated margin: switch to cross margin at Bybit' }
			: { check: 'margin', level: 'fine', sentence: `the account uses ${marginMode.toLowerCase().replace('_', ' ')}` };
	return [unified, margin];
}

/** Of one symbol: orders are sent without a side of a hedge, so hedge mode refuses every one of them (F62). */
export function positionFindings(symbol: string, rows: readonly PositionRow[], leverageMax: number | undefined): Finding[] {
	if (rows.some(({ positionIdx }) => positionIdx !== 0)) {
		return [
			{
				check: 'position mode',
				level: 'refusal',
				sentence: `${symbol} is in hedge mode: switch it to one-way mode at Bybit, which needs it flat and without orders`,
			},
		];
	}
	const leverage = Number(rows[0]?.leverage ?? '');
	if (!(leverage > 0)) return [{ check: 'position mode', level: 'fine', sentence: `${symbol} is in one-way mode` }];
	const isHigh = leverageMax !== undefined && leverage > leverageMax;
	return [
		{ check: 'position mode', level: 'fine', sentence: `${symbol} is in one-way mode` },
		{
			check: 'leverage',
			level: isHigh ? 'warning' : 'fine',
			sentence: isHigh
				? `${symbol} has a leverage of ${leverage}, more than the ${leverageMax} that is wanted`
				: `${symbol} has a leverage of ${leverage}`,
		},
	];
}

/** Only institutional accounts have it; without it the watchdog process is all that cancels when we die. */
export function dcpFinding(states: readonly DcpState[] | undefined): Finding {
	const check = 'disconnect protection';
	const active = (states ?? []).filter(({ dcpStatus }) => dcpStatus === 'ON');
	if (active.length === 0) {
		const sentence = 'Bybit cancels nothing by itself when the connection dies: run the sentinel beside the engine';
		return { check, level: 'note', sentence };
	}
	const windows = active.map(({ product, timeWindow }) => `${product} after ${timeWindow} s`).join(', ');
	return { check, level: 'fine', sentence: `Bybit cancels orders by itself when the connection dies: ${windows}` };
}
