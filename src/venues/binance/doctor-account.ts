/** What the key may do and how the accounts of both markets are set up, one finding each. Pure: judged from what the venue said. */
import { addressFinding, type Failed, grouped, leverageFinding, unread, withdrawalFinding } from '../wire/doctor-checks.ts';
import type { Finding, WithdrawalRight } from '../wire/finding.ts';
import type { Market } from './codec/frames.ts';
import type { FuturesConfig, KeyRights, SymbolConfig } from './reads-schemas.ts';
import type { Environment } from './urls.ts';

const DAY_MS = 86_400_000;
/** Enough for a person to make another key (F55). */
const EXPIRY_WARNING_MS = 14 * DAY_MS;
/** The key, the address or the right: the venue does not say which. */
const KEY_OR_RIGHT = -2015;

const CALLED: Record<Market, string> = { spot: 'spot', linear: 'futures' };
/** The boxes to tick where keys are made. */
const TICK: Record<Market, string> = { spot: 'Enable Spot & Margin Trading', linear: 'Enable Futures' };

export interface KeyAsked {
	readonly environment: Environment;
	readonly market: Market;
	/** Whether the other market has taken the same key; undefined where that was not found out. */
	readonly isGoodElsewhere: boolean | undefined;
}

/** Why the first signed question of a market was refused, as a person can act on it. */
export function keyRefused(failure: Failed, asked: KeyAsked): Finding {
	const sentences: ReadonlyMap<number | undefined, string> = new Map([
		[-1002, 'the API key is not accepted: copy it anew'],
		[-1011, 'this machine is not on the address list of the API key: add its address, or use the machine that is'],
		[-1022, 'the API secret does not belong to the API key: the signature is refused; copy both anew, from one key'],
		[-2014, 'the API key has not the form of a key of Binance: copy it anew'],
		[KEY_OR_RIGHT, keyOrRight(asked)],
		[-2017, 'the API keys of this account are locked: ask Binance'],
		[-4109, 'the futures account is not active: open it at Binance, or move money to it'],
		[401, 'the API key is not accepted: copy it anew'],
	]);
	return unread('key', failure, sentences.get(failure.code));
}

function keyOrRight({ environment, market, isGoodElsewhere }: KeyAsked): string {
	if (market === 'linear' && isGoodElsewhere === true) {
		return `the API key is good for spot, and futures do not take it: tick "${TICK.linear}" for it; a key that is older than the futures account must be made anew`;
	}
	if (environment === 'box') {
		return 'the exchange in a box does not take this API key: take one that it printed when it started, with the rights and the address it wants';
	}
	const elsewhere = environment === 'testnet' ? `; the testnets of spot and futures have keys of their own` : '';
	return `Binance's ${environment} environment does not take this API key for ${CALLED[market]}: it is mistyped, deleted, made for another environment, or not for this address${elsewhere}`;
}

export function keyKnown(account: string | undefined): Finding {
	const known: Finding = { check: 'key', level: 'ok', sentence: 'the API key is known and its secret fits' };
	return account === undefined ? known : { ...known, account };
}

export interface RightsOf {
	readonly markets: readonly Market[];
	readonly withdrawal: WithdrawalRight;
	readonly venueNowMs: number;
}

export function rightsFindings(rights: KeyRights, { markets, withdrawal, venueNowMs }: RightsOf): Finding[] {
	const isOpen = !rights.ipRestrict;
	const findings = [withdrawalFinding(rights.enableWithdrawals, withdrawal), addressFinding(isOpen)];
	for (const market of markets) findings.unshift(permission(market, mayTrade(rights, market)));
	const { tradingAuthorityExpirationTime: endsAtMs } = rights;
	if (endsAtMs !== undefined && endsAtMs > 0) findings.push(expiry(endsAtMs - venueNowMs));
	return findings;
}

export function mayTrade({ enableSpotAndMarginTrading, enableFutures }: KeyRights, market: Market): boolean {
	return market === 'spot' ? enableSpotAndMarginTrading : enableFutures;
}

function permission(market: Market, may: boolean): Finding {
	const check = 'permission';
	if (may) return { check, level: 'ok', sentence: `the API key may trade ${CALLED[market]}` };
	const sentence = `the API key may not trade ${CALLED[market]}: tick "${TICK[market]}" for it at Binance`;
	return { check, level: 'problem', sentence };
}

/** Nobody can be asked outside of the real exchange. */
export function rightsUnknown(environment: Environment): Finding {
	const sentence = `whether the API key can withdraw money, and from where it works, cannot be asked in the ${environment} environment`;
	return { check: 'withdrawal', level: 'note', sentence };
}

function expiry(leftMs: number): Finding {
	const check = 'expiry';
	const days = Math.floor(leftMs / DAY_MS);
	if (leftMs <= 0)
		return { check, level: 'problem', sentence: 'the rights of the API key have expired: renew them, or make a new key' };
	if (leftMs >= EXPIRY_WARNING_MS) return { check, level: 'ok', sentence: `the rights of the API key last another ${days} days` };
	const left = days === 1 ? '1 day' : `${days} days`;
	return { check, level: 'warning', sentence: `the rights of the API key expire in ${left}: make a new one in time` };
}

/** What the account as such is allowed, whatever the key says. */
export function accountFinding(market: Market, canTrade: boolean): Finding {
	const check = 'account';
	if (canTrade) return { check, level: 'ok', sentence: `the ${CALLED[market]} account may trade` };
	return {
		check,
		level: 'problem',
		sentence: `the ${CALLED[market]} account may not trade, or not by this key: look at its state at Binance`,
	};
}

/** Orders are sent without a side of a hedge, so hedge mode refuses every one of them (F62). */
export function modeFindings({ dualSidePosition, multiAssetsMargin }: FuturesConfig): Finding[] {
	const position: Finding = dualSidePosition
		? {
				check: 'position mode',
				level: 'problem',
				sentence:
					'the futures account is in hedge mode: switch to one-way mode at Binance, which needs flat positions and no orders',
			}
		: { check: 'position mode', level: 'ok', sentence: 'the futures account is in one-way mode' };
	const assets: Finding = multiAssetsMargin
		? {
				check: 'asset mode',
				level: 'warning',
				sentence:
					'the futures account is in multi-assets mode: other coins back positions too, and limits here count the coin of a contract alone; switch to single-asset mode at Binance',
			}
		: { check: 'asset mode', level: 'ok', sentence: 'the futures account is in single-asset mode' };
	return [position, assets];
}

export function leverageFindings(configs: readonly SymbolConfig[], leverageMax: number): Finding[] {
	const isolated = configs.filter(({ marginType }) => marginType === 'ISOLATED').map(({ symbol }) => symbol);
	const findings: Finding[] = [];
	if (isolated.length > 0) {
		const sentence = `isolated margin on ${isolated.join(', ')}: switch to cross margin at Binance`;
		findings.push({ check: 'margin', level: 'warning', sentence });
	} else if (configs.length > 0)
		findings.push({ check: 'margin', level: 'ok', sentence: 'the futures account uses cross margin' });
	for (const [leverage, symbols] of grouped(configs, (each) => String(each.leverage))) {
		findings.push(leverageFinding({ leverage: Number(leverage), leverageMax }, { venueName: 'Binance', symbols }));
	}
	return findings;
}

/** Spot has nothing of the kind; on futures the venue counts down, symbol by symbol, where we ask it to. */
export function protectionFinding(market: Market, countdownMs: number | undefined): Finding {
	const check = 'disconnect protection';
	if (market === 'linear' && countdownMs !== undefined) {
		const sentence = `Binance cancels futures orders by itself when we fall silent for ${countdownMs / 1_000} s`;
		return { check, level: 'ok', sentence };
	}
	const sentence = `Binance cancels no ${CALLED[market]} orders by itself when the connection dies: what is open then stays open`;
	return { check, level: 'note', sentence };
}
