/** From the section `box` to what opens a box. The one thing that it needs from outside is the text of a plan file. */
import type { FaultPlan } from '../../exchange/faults/plan.ts';
import { extraNames } from '../../exchange/market/extra.ts';
import type { BoxOptions } from '../box.ts';
import type { StartingAccount } from '../box-choices.ts';
import type { BoxSection } from './box-section.ts';
import { drawnPlan, type PlanRead, planOf } from './fault-rules.ts';
import type { Problem } from './problem.ts';

export type BoxSettings = Omit<BoxOptions, 'onBug'> & {
	readonly faultPlan: FaultPlan;
	/** What the plan is, for the person who reads the screen. */
	readonly faultsAbout: string;
};

export type BoxSettingsRead =
	| { readonly kind: 'read'; readonly settings: BoxSettings }
	| { readonly kind: 'bad'; readonly problems: readonly Problem[] };

/** `readPlan` is called where the section names a plan file, with the path as it is written there. */
export function boxSettings(box: BoxSection, readPlan: (path: string) => PlanRead): BoxSettingsRead {
	const faults = faultsOf(box.faults, readPlan);
	if (faults.kind === 'bad') return faults;
	const { plan, about } = faults;
	return {
		kind: 'read',
		settings: {
			bybitPort: box.bybit_port,
			controlPort: box.control_port,
			seed: box.seed,
			market: box.market,
			historyHours: box.history_hours,
			symbols: [...new Set([...box.symbols, ...extraNames(box.extra_symbols)])],
			limitFactor: box.rate_limit_factor,
			accounts: box.accounts.map(startingAccount),
			faultPlan: plan,
			faultsAbout: about,
			...(box.binance_port === undefined ? {} : { binancePort: box.binance_port }),
			...(box.latency.roundTripMs === 0 ? {} : { latency: { ...box.latency, openingTrips: box.opening_trips } }),
		},
	};
}

function startingAccount({ key, ...account }: BoxSection['accounts'][number]): StartingAccount {
	if (key === undefined) return account;
	const { read_only: readOnly, ...rights } = key;
	return { ...account, key: { readOnly, ...rights } };
}

type FaultsRead =
	| { readonly kind: 'read'; readonly plan: FaultPlan; readonly about: string }
	| { readonly kind: 'bad'; readonly problems: readonly Problem[] };

function faultsOf(given: BoxSection['faults'], readPlan: (path: string) => PlanRead): FaultsRead {
	if (typeof given === 'string') {
		const read = readPlan(given);
		return read.kind === 'bad'
			? read
			: { kind: 'read', plan: planOf(read.rules), about: `${read.rules.length} rules of ${given}` };
	}
	if ('seed' in given) {
		const plan = drawnPlan(given);
		return {
			kind: 'read',
			plan,
			about: `${plan.rules.length} rules drawn from seed ${given.seed} for ${given.minutes} minutes`,
		};
	}
	return { kind: 'read', plan: planOf(given), about: `${given.length} rules` };
}
