/**
 * Fifty thousand requests and frames that start from valid ones of every endpoint and operation and then meet an accident:
 * each is answered as the venue would, throws nothing, and changes nothing unless the answer says so. Most are signed as
 * they stand, so that they reach the inside. A failure prints round, case and what was sent; a round repeats from its seed.
 */
import { afterAll, expect, test } from 'vitest';
import { ORDER_ROUTES, PRIVATE_ROUTES } from '../../src/exchange/bybit/rest-routes.ts';
import { seededRng } from '../../src/simulation/seeded-rng.ts';
import { FuzzedBox } from './fuzzed-box.ts';
import { claimsSuccess, judgeReply, retCodeOf } from './judge.ts';
import { QUERY_KINDS, TEXT_KINDS, TREE_KINDS } from './mutations.ts';
import { AROUND_KINDS, type RestCase, restCase, UNCHANGED, validRequest } from './rest-cases.ts';
import { SocketRange } from './socket-range.ts';
import { Tally } from './tally.ts';
import { VALID_FRAMES, VALID_REQUESTS, type ValidRequest } from './valid-requests.ts';

const SEED = 20_260_214;
const ROUNDS = 60;
const REST_PER_ROUND = 500;
const FRAMES_PER_ROUND = 500;
const ENOUGH = 100;
/** Codes of the door: whoever gets one of these was not let in. */
const DOOR_CODES: readonly unknown[] = [10002, 10003, 10004, 10017];
const PROTOTYPES = [Object.prototype, Array.prototype, Function.prototype, String.prototype];

const reports: string[] = [];
afterAll(() => process.stdout.write(`${reports.join('\n')}\n`));

test('the requests and frames that mutations start from are in order, and none is missing', () => {
	const box = new FuzzedBox(SEED);
	for (const valid of VALID_REQUESTS) {
		const { body } = box.handle(validRequest(box, valid, valid.members(box)));
		expect([valid.path, retCodeOf(body), body.length > 0]).toEqual([valid.path, valid.retCode ?? 0, true]);
		expect(valid.retCode !== undefined || claimsSuccess(body), body).toBe(true);
	}
	const sockets = new SocketRange(box);
	for (const problem of sockets.tryValidFrames()) expect.fail(problem);

	const known = new Set(VALID_REQUESTS.map(nameOf));
	const routes = [...PRIVATE_ROUTES.keys(), ...[...ORDER_ROUTES.keys()].map((path) => `POST ${path}`)];
	expect(
		routes.filter((route) => !known.has(route)),
		'endpoints without a valid request in valid-requests.ts',
	).toEqual([]);
});

test(`${ROUNDS * REST_PER_ROUND} mutated requests, seed ${SEED}`, () => {
	const tallies = { endpoints: new Tally(), inside: new Tally(), kinds: new Tally(), codes: new Tally() };
	const shapes = prototypes();
	for (let round = 0; round < ROUNDS; round += 1) {
		const rng = seededRng(SEED).fork(`rest ${round}`);
		const box = new FuzzedBox(SEED + round);
		const bystander = bystanderOf(box);
		for (let index = 0; index < REST_PER_ROUND; index += 1) {
			const valid = VALID_REQUESTS[(round * REST_PER_ROUND + index) % VALID_REQUESTS.length];
			if (valid === undefined) throw new Error('no valid request');
			if (index % 10 === 0) box.pass(10);
			box.nowMs += 1;
			const attempt = restCase(box, valid, rng);
			const problem = problemOf(() => tryRequest(box, attempt, tallies, nameOf(valid)), shapes);
			if (problem !== null)
				expect.fail(`${problem}\nround ${round}, case ${index}, ${attempt.kinds.join(' + ')}\n${shown(attempt)}`);
		}
		expect(bystanderOf(box), `round ${round}: the account of somebody else`).toBe(bystander);
	}
	const names = VALID_REQUESTS.map(nameOf);
	reports.push(
		tallies.endpoints.text('requests by endpoint'),
		tallies.kinds.text('accidents'),
		tallies.codes.text('answers by code'),
	);
	expect(tallies.endpoints.below(names, ENOUGH)).toEqual([]);
	expect(tallies.inside.below(names, ENOUGH), 'let in').toEqual([]);
	expect(tallies.kinds.below([...TREE_KINDS, ...TEXT_KINDS, ...QUERY_KINDS, ...AROUND_KINDS, UNCHANGED], ENOUGH)).toEqual([]);
});

test(`${ROUNDS * FRAMES_PER_ROUND} mutated frames, seed ${SEED}`, () => {
	const tallies = { operations: new Tally(), kinds: new Tally(), codes: new Tally() };
	const shapes = prototypes();
	for (let round = 0; round < ROUNDS; round += 1) {
		const rng = seededRng(SEED).fork(`frames ${round}`);
		const box = new FuzzedBox(SEED + round);
		const bystander = bystanderOf(box);
		const sockets = new SocketRange(box);
		for (let index = 0; index < FRAMES_PER_ROUND; index += 1) {
			if (index % 10 === 0) box.pass(10);
			box.nowMs += 1;
			const attempt = sockets.next(rng);
			const problem = problemOf(() => sockets.try(attempt, tallies), shapes);
			if (problem !== null) {
				expect.fail(
					`${problem}\nround ${round}, case ${index}, ${attempt.kinds.join(' + ')} to ${attempt.name}\n${cut(attempt.text)}`,
				);
			}
		}
		expect(bystanderOf(box), `round ${round}: the account of somebody else`).toBe(bystander);
	}
	reports.push(tallies.operations.text('frames by operation'), tallies.kinds.text('accidents'), tallies.codes.text('answers'));
	const names = Object.entries(VALID_FRAMES).flatMap(([kind, frames]) => frames.map(({ op }) => `${kind} ${op}`));
	expect(tallies.operations.below(names, ENOUGH)).toEqual([]);
	expect(tallies.kinds.below([...TREE_KINDS, ...TEXT_KINDS, UNCHANGED], ENOUGH)).toEqual([]);
});

/** What is wrong with how the box took it, or null. */
function tryRequest(
	box: FuzzedBox,
	attempt: RestCase,
	tallies: Record<'endpoints' | 'inside' | 'kinds' | 'codes', Tally>,
	name: string,
) {
	const { request, kinds, isSigned } = attempt;
	const before = box.hash();
	const reply = box.handle(request);
	const length = request.query.length + request.body.length;
	const verdict = judgeReply(reply, { length, nowMs: box.nowMs });
	if (verdict !== null) return `${verdict}: ${cut(reply.body)}`;
	const retCode = retCodeOf(reply.body);
	const mayChange = isSigned && request.method === 'POST' && claimsSuccess(reply.body);
	if (!mayChange && box.hash() !== before) return `refused, and yet something changed: ${cut(reply.body)}`;
	if (!isSigned && !request.path.startsWith('/v5/market/') && retCode === 0) return 'let in without a signature that fits';
	tallies.endpoints.add(name);
	if (reply.status === 200 && !DOOR_CODES.includes(retCode)) tallies.inside.add(name);
	for (const kind of kinds) tallies.kinds.add(kind);
	tallies.codes.add(String(retCode ?? reply.status));
	return null;
}

/** Whatever is thrown belongs to the case that it was thrown for. */
function problemOf(attempt: () => string | null, shapes: string): string | null {
	try {
		return attempt() ?? (prototypes() === shapes ? null : 'a prototype changed');
	} catch (error) {
		return `thrown: ${error instanceof Error ? error.stack : String(error)}`;
	}
}

function nameOf({ method, path }: ValidRequest): string {
	return `${method} ${path}`;
}

/** The names of what everything inherits. */
function prototypes(): string {
	return PROTOTYPES.map((each) => Reflect.ownKeys(each).length).join();
}

function bystanderOf({ venue, bystander }: FuzzedBox): string {
	const { exchange } = venue;
	const facts = [exchange.balances(bystander.name), exchange.positions(bystander.name), exchange.openOrders(bystander.name)];
	return JSON.stringify(facts, (_key, value: unknown) => (typeof value === 'bigint' ? String(value) : value));
}

function shown({ request }: RestCase): string {
	const { method, path, query, headers, body } = request;
	return `${method} ${path}?${cut(query)}\n${cut(JSON.stringify(headers))}\n${cut(body)}`;
}

function cut(text: string): string {
	return text.length <= 3_000 ? text : `${text.slice(0, 3_000)} … ${text.length - 3_000} more characters`;
}
