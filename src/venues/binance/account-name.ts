/**
 * Whose a key is, so that two programs can find out that theirs are of one account. Spot numbers the accounts of the whole
 * venue; where a key is for futures alone, the name of its futures wallet serves.
 */
import { isObject } from '../wire/plain-values.ts';
import type { Read } from './read.ts';
import type { BinanceReads } from './reads.ts';

export interface AccountReads {
	readonly spot: Pick<BinanceReads, 'spotAccount'>;
	readonly linear: Pick<BinanceReads, 'balanceRows'>;
}

/** Undefined where nobody says, or where the question may be answered next time. */
export async function accountNameOf({ spot, linear }: AccountReads): Promise<string | undefined> {
	const account = await spot.spotAccount();
	if (account.kind === 'ok') return account.value.uid === undefined ? undefined : String(account.value.uid);
	return account.class === 'auth' ? aliasIn(await linear.balanceRows()) : undefined;
}

function aliasIn(rows: Read<readonly unknown[]>): string | undefined {
	const [first] = rows.kind === 'ok' ? rows.value : [];
	const alias = isObject(first) ? first['accountAlias'] : undefined;
	return typeof alias === 'string' && /^[\w-]{1,64}$/.test(alias) ? alias : undefined;
}
