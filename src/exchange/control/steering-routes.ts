/** Routes that change something: accounts and their money, time, faults, and everything at once. */
import { amountAtoms, name, optional, readJson, record, text, whole } from './readers.ts';
import { Refusal } from './refusal.ts';
import { type Answer, accountOf, changed, type Route, type Scene } from './scene.ts';
import { balanceJson } from './truth.ts';

/** One call holds the process up for as long as the market needs to live through it: some three seconds for this. */
const ADVANCE_MS_MAX = 600_000;

export const STEERING_ROUTES: readonly Route[] = [
	{ method: 'POST', path: '/v1/accounts', about: '{name}: a new, empty account with keys', run: addAccount },
	{ method: 'POST', path: '/v1/accounts/:account/deposit', about: '{coin, amount}', run: (scene) => pay(scene, 'deposit') },
	{ method: 'POST', path: '/v1/accounts/:account/withdraw', about: '{coin, amount}', run: (scene) => pay(scene, 'withdraw') },
	{ method: 'GET', path: '/v1/time', about: 'what the exchange takes for the time', run: time },
	{ method: 'POST', path: '/v1/time/freeze', about: 'time stands still; requests are still answered', run: freeze },
	{ method: 'POST', path: '/v1/time/advance', about: '{ms}: moves frozen time, with all that falls due', run: advance },
	{ method: 'POST', path: '/v1/time/resume', about: 'time goes on from where it stands', run: resume },
	{ method: 'POST', path: '/v1/reset', about: 'back to the first moment; sockets are closed', run: reset },
	{ method: 'DELETE', path: '/v1/tap', about: 'forgets what went over the wire', run: clearTap },
	{ method: 'GET', path: '/v1/faults', about: 'faults in force, and how often each struck', run: faults },
	{ method: 'POST', path: '/v1/faults', about: '{name, parameters}: injects a fault', run: inject },
	{ method: 'DELETE', path: '/v1/faults', about: 'clears all faults', run: clearFaults },
	{ method: 'DELETE', path: '/v1/faults/:fault', about: 'clears one fault', run: clearFaults },
];

function addAccount({ box, body }: Scene): Answer {
	const given = readJson(body, { name });
	if (given instanceof Refusal) return given;
	if (box.exchange.accounts().includes(given.name)) {
		return new Refusal(409, `there is an account ${given.name} already; choose another name`);
	}
	return box.addAccount(given.name);
}

function pay(scene: Scene, way: 'deposit' | 'withdraw'): Answer {
	const account = accountOf(scene);
	if (account instanceof Refusal) return account;
	const given = readJson(scene.body, { coin: name, amount: amountAtoms });
	if (given instanceof Refusal) return given;
	const { exchange } = scene.box;
	const result = exchange[way](account, given.coin, given.amount, scene.nowMs);
	return changed(result, () => ({ name: account, balances: exchange.balances(account).map(balanceJson) }));
}

function time({ box: { clock } }: Scene): Answer {
	return { nowMs: clock.wallMs(), frozen: clock.isFrozen };
}

function freeze(scene: Scene): Answer {
	scene.box.clock.freeze();
	return time(scene);
}

function resume(scene: Scene): Answer {
	scene.box.clock.resume();
	return time(scene);
}

function advance(scene: Scene): Answer {
	const given = readJson(scene.body, { ms: whole({ min: 1, max: ADVANCE_MS_MAX }) });
	if (given instanceof Refusal) return given;
	const { clock } = scene.box;
	if (!clock.isFrozen) return new Refusal(409, 'time is running; POST /v1/time/freeze first');
	clock.advance(given.ms);
	return time(scene);
}

function reset({ box, nowMs }: Scene): Answer {
	box.reset(nowMs);
	return { accounts: box.accounts() };
}

function clearTap({ box }: Scene): Answer {
	box.tap.clear();
	return { entries: [] };
}

const NO_DESK = new Refusal(501, 'this exchange was started without faults');

function faults({ box: { faults: desk } }: Scene): Answer {
	return desk === undefined ? NO_DESK : { faults: desk.list(), counts: desk.counts() };
}

function inject({ box: { faults: desk }, body }: Scene): Answer {
	if (desk === undefined) return NO_DESK;
	const given = readJson(body, { name: text, parameters: optional(record) });
	if (given instanceof Refusal) return given;
	const result = desk.inject(given.name, given.parameters ?? {});
	return result.kind === 'injected' ? { id: result.id } : new Refusal(400, result.message);
}

function clearFaults({ box: { faults: desk }, place }: Scene): Answer {
	if (desk === undefined) return NO_DESK;
	const id = place('fault');
	if (id === '') return { cleared: desk.clear() };
	const cleared = desk.clear(id);
	return cleared === 0 ? new Refusal(404, `no fault ${JSON.stringify(id)} is in force; GET /v1/faults lists them`) : { cleared };
}
