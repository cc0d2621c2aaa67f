/** The exchange in a box inside of a program of somebody's own, on ports that are free. */
import { type BoxListening, type BoxOptions, openBox } from './box.ts';

/** All of it has a default: the ports are free ones, the seed is 1, and the market lives. */
export type ExchangeOptions = Partial<Omit<BoxOptions, 'clock' | 'onBug'>>;

type BoxAccount = BoxListening['accounts'][number];

export interface OpenExchange extends BoxListening, AsyncDisposable {
	/** The key of this account; of the first one unless named. */
	account(name?: string): BoxAccount;
}

export async function openExchange(options: ExchangeOptions = {}): Promise<OpenExchange> {
	const opened = await openBox({
		bybitPort: 0,
		controlPort: 0,
		seed: 1,
		market: 'synthetic',
		...options,
		onBug: (error) => {
			throw error;
		},
	});
	if (opened.kind === 'unavailable') throw new Error(opened.message);
	const { box } = opened;
	const { listening } = box;
	return {
		...listening,
		account: (name) => accountOf(listening.accounts, name),
		[Symbol.asyncDispose]: async () => await box[Symbol.asyncDispose](),
	};
}

function accountOf(accounts: readonly BoxAccount[], name: string | undefined): BoxAccount {
	const found = name === undefined ? accounts[0] : accounts.find((each) => each.name === name);
	if (found !== undefined) return found;
	throw new RangeError(`the box has no account '${name ?? ''}', only these: ${accounts.map((each) => each.name).join(', ')}`);
}
