/**
 * What an answer of Binance says about each command of a call (see wire/order-answers.ts).
 *
 * A batch comes back as one list in the order of the request: what succeeded is an order and bears our id, what was refused
 * is a code and bears none. So a refusal is known by its place alone, and counts only where the rest of the list proves
 * that places can be believed: as many items as commands, and each order where it was asked for (F11).
 */
import type { Outcome } from '../../domain/outcome.ts';
import {
	type Asked as AnyAsked,
	agree,
	allUnknown,
	type Commanded,
	type Judged,
	judgeWhole,
	positionOf,
	reasonOf,
} from '../wire/order-answers.ts';
import { isObject, type JsonObject } from '../wire/plain-values.ts';
import { unknownOutcome, venueText } from '../wire/verdict.ts';
import type { Market } from './codec/frames.ts';
import { idText } from './codec/lossless.ts';
import { outcomeOf, verdictOf } from './errors.ts';
import type { RestAnswer } from './rest-answer.ts';

export interface Asked extends AnyAsked {
	readonly market: Market;
}

/** Of an order that is over, however it ended. */
const OVER: ReadonlySet<unknown> = new Set(['CANCELED', 'EXPIRED', 'EXPIRED_IN_MATCH', 'REJECTED']);
const TWICE = 'the answer says two things about it';
const SILENT = 'the answer does not mention it';
const ELSEWHERE = 'the answer is out of order, so nobody knows whose refusal it holds';

/** The answer to a call of its own for one command. */
export function judgeSingle(answer: RestAnswer, asked: Asked): Judged {
	if (answer.kind !== 'ok') return judgeWhole(answer, asked, outcomeOf);
	const [command] = asked.commands;
	const order = isObject(answer.result) ? answer.result : NOTHING;
	if (command === undefined || clientIdIn(order, command, asked.market) !== command.orderId) {
		return allUnknown(asked, 'the answer is about another order');
	}
	return { outcomes: [doneOutcome(command, order)], isRateRefused: false, codes: [] };
}

export function judgeBatch(answer: RestAnswer, asked: Asked): Judged {
	if (answer.kind !== 'ok') return judgeWhole(answer, asked, outcomeOf);
	if (!Array.isArray(answer.result)) return allUnknown(asked, 'the answer has no list of outcomes');
	const items = (answer.result as readonly unknown[]).map((item) => (isObject(item) ? item : NOTHING));
	return judgeItems(items, asked);
}

function judgeItems(items: readonly JsonObject[], asked: Asked): Judged {
	const { commands, mayLandUntilMs } = asked;
	const unknown = (reason: string): Outcome => unknownOutcome(reason, mayLandUntilMs);
	const outcomes = new Array<Outcome | undefined>(commands.length).fill(undefined);
	let isInOrder = items.length === commands.length;
	for (const [at, item] of items.entries()) {
		const position = positionIn(item, at, asked);
		const command = commands[position];
		if (command === undefined) {
			isInOrder &&= isRefusal(item);
			continue;
		}
		isInOrder &&= position === at;
		const done = doneOutcome(command, item);
		const before = outcomes[position];
		outcomes[position] = before === undefined || agree(before, done) ? done : unknown(TWICE);
	}
	const refused = readRefusals(items, isInOrder, asked);
	return {
		outcomes: commands.map((_, at) => outcomes[at] ?? refused.outcomes[at] ?? unknown(isInOrder ? SILENT : ELSEWHERE)),
		isRateRefused: refused.isRateRefused,
		codes: refused.codes,
	};
}

/** By place; none where places cannot be believed. What was refused for its rate was so whoever it was. */
function readRefusals(items: readonly JsonObject[], isInOrder: boolean, asked: Asked) {
	const { commands, market, mayLandUntilMs } = asked;
	const outcomes: (Outcome | undefined)[] = [];
	const codes = new Set<number>();
	let isRateRefused = false;
	for (const [at, item] of items.entries()) {
		const command = commands[at];
		const { code, msg } = item;
		if (!isRefusal(item) || command === undefined) continue;
		const message = typeof msg === 'string' ? venueText(msg) : '';
		const verdict = verdictOf({ market, status: undefined, code: code as number, message }, 'order');
		codes.add(code as number);
		isRateRefused ||= verdict.class === 'rate-limited';
		const reason = reasonOf(verdict, code as number, message);
		if (isInOrder) outcomes[at] = outcomeOf(verdict, { verb: command.kind, reason, mayLandUntilMs });
	}
	return { outcomes, codes: [...codes], isRateRefused };
}

function isRefusal({ code, clientOrderId }: JsonObject): boolean {
	return typeof code === 'number' && Number.isSafeInteger(code) && clientOrderId === undefined;
}

/** Of the command that this order was made of; -1 where it is nobody's. */
function positionIn(item: JsonObject, home: number, { commands, market }: Asked): number {
	const [command] = commands;
	const clientId = command === undefined ? undefined : clientIdIn(item, command, market);
	return clientId === undefined ? -1 : positionOf(clientId, commands, home);
}

/** A cancel on spot has an id of its own, and the order's stands beside it. */
function clientIdIn(item: JsonObject, { kind }: Commanded, market: Market): string | undefined {
	const clientId = item[market === 'spot' && kind === 'cancel' ? 'origClientOrderId' : 'clientOrderId'];
	return typeof clientId === 'string' && item['code'] === undefined ? clientId : undefined;
}

/** A change may end its order: below what has filled already, or where it would have taken (F25). */
function doneOutcome({ kind }: Commanded, { orderId, status }: JsonObject): Outcome {
	if (kind === 'amend' && OVER.has(status)) {
		return { kind: 'rejected', class: 'benign', gone: true, reason: 'the change ended the order' };
	}
	return { kind: 'accepted', venueOrderId: idText(orderId) };
}

const NOTHING: JsonObject = {};
