/**
 * The listen key of a futures account: it opens the account's stream, lives for an hour, and has another one whenever it is
 * asked for. There is one an account, shared by every program on it, so it is never closed: that would end their streams
 * too. It is never renewed by the call made for that either, which names no key: it may be another one by now.
 */
import { isObject } from '../wire/plain-values.ts';
import { type BinanceRest, READ_POOL, type RestAnswer, type RestCall } from './rest.ts';

export type KeyHeard = (key: string | { readonly failed: string }) => void;

const PATH = '/fapi/v1/listenKey';
const TIMEOUT_MS = 5_000;
const CALL: RestCall = {
	...{ method: 'POST', path: PATH, security: 'key', kind: 'read', weight: 1, rank: 'account', pool: READ_POOL },
	timeoutMs: TIMEOUT_MS,
};
/** It goes into an address. */
const KEY = /^[A-Za-z0-9_-]{1,256}$/;

/** The key that is alive, good for another hour, or a new one. Calls back exactly once, never from inside the call. */
export function openListenKey(rest: Pick<BinanceRest, 'ask'>, heard: KeyHeard): void {
	rest.ask(CALL, (answer) => {
		const key = answer.kind === 'ok' && isObject(answer.result) ? answer.result['listenKey'] : undefined;
		heard(typeof key === 'string' && KEY.test(key) ? key : { failed: failureOf(answer) });
	});
}

function failureOf(answer: RestAnswer): string {
	switch (answer.kind) {
		case 'ok':
			return 'the answer holds no listen key';
		case 'refused':
			return `${answer.verdict.meaning} (${answer.code}${answer.message === '' ? '' : `: ${answer.message}`})`;
		case 'lost':
		case 'unreadable':
			return answer.detail;
	}
}
