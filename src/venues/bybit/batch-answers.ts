/**
 * What an answer of Bybit says about each command of a call (see wire/order-answers.ts).
 *
 * A batch comes back as two lists side by side, ids in one and codes in the other, in the order of the request. An item at
 * the place of its command means what its code says. One that stands elsewhere (items were left out, doubled or mixed
 * up) counts only if it shows by itself that it succeeded, which is by carrying the venue's id and the code 0.
 */
import type { Outcome } from '../../domain/outcome.ts';
import { type Asked, agree, allUnknown, type Judged, judgeWhole, positionOf, reasonOf } from '../wire/order-answers.ts';
import { unknownOutcome } from '../wire/verdict.ts';
import { outcomeOf, verdictOf } from './errors.ts';
import { codeOf, type RestAnswer } from './rest-answer.ts';

export function judgeBatch(answer: RestAnswer, asked: Asked): Judged {
	if (answer.kind !== 'ok') return judgeWhole(answer, asked, outcomeOf);
	const items = listOf(answer.result);
	const codes = listOf(answer.ext);
	if (items === undefined || codes === undefined || items.length !== codes.length) {
		return allUnknown(asked, 'the answer has no list of outcomes');
	}
	return judgeItems(items, codes, asked);
}

/** The answer to a call of its own for one command. */
export function judgeSingle(answer: RestAnswer, asked: Asked): Judged {
	if (answer.kind !== 'ok') return judgeWhole(answer, asked, outcomeOf);
	const [command] = asked.commands;
	const ids = idsOf(answer.result);
	if (ids.orderLinkId !== command?.orderId) return allUnknown(asked, 'the answer is about another order');
	return { outcomes: [accepted(ids)], isRateRefused: false, codes: [] };
}

function judgeItems(items: readonly unknown[], codes: readonly unknown[], asked: Asked): Judged {
	const { commands, mayLandUntilMs } = asked;
	const outcomes = new Array<Outcome | undefined>(commands.length).fill(undefined);
	const refusals = new Set<number>();
	let isRateRefused = false;
	for (let at = 0; at < items.length; at += 1) {
		const ids = idsOf(items[at]);
		const position = positionOf(ids.orderLinkId, commands, at);
		const command = commands[position];
		const { code, message } = wordOf(codes[at]);
		if (command === undefined || code === undefined) continue;
		if (code !== 0) refusals.add(code);
		const isAtHome = position === at;
		if (!isAtHome && (code !== 0 || ids.orderId === '')) continue;
		const verdict = code === 0 ? undefined : verdictOf(code, message, 'order');
		isRateRefused ||= verdict?.class === 'rate-limited';
		const reason = verdict === undefined ? '' : reasonOf(verdict, code, message);
		const said = verdict === undefined ? accepted(ids) : outcomeOf(verdict, { verb: command.kind, reason, mayLandUntilMs });
		const before = outcomes[position];
		outcomes[position] = before === undefined || agree(before, said) ? said : unknownOutcome(TWICE, mayLandUntilMs);
	}
	const silent = unknownOutcome('the answer does not mention it', mayLandUntilMs);
	return { outcomes: outcomes.map((outcome) => outcome ?? silent), isRateRefused, codes: [...refusals] };
}

const TWICE = 'the answer says two things about it';

function accepted({ orderId }: Ids): Outcome {
	return { kind: 'accepted', venueOrderId: orderId === '' ? undefined : orderId };
}

// ---- reading what may be anything ----

interface Ids {
	readonly orderId: string;
	readonly orderLinkId: string;
}

const NO_IDS: Ids = { orderId: '', orderLinkId: '' };

function listOf(holder: unknown): readonly unknown[] | undefined {
	if (typeof holder !== 'object' || holder === null || !('list' in holder)) return undefined;
	return Array.isArray(holder.list) ? holder.list : undefined;
}

/** An id that is not text has lost digits on its way, so it is none. */
function idsOf(item: unknown): Ids {
	if (typeof item !== 'object' || item === null) return NO_IDS;
	const orderId = 'orderId' in item && typeof item.orderId === 'string' ? item.orderId : '';
	const orderLinkId = 'orderLinkId' in item && typeof item.orderLinkId === 'string' ? item.orderLinkId : '';
	return { orderId, orderLinkId };
}

function wordOf(item: unknown): { readonly code: number | undefined; readonly message: string } {
	if (typeof item !== 'object' || item === null || !('code' in item)) return { code: undefined, message: '' };
	return { code: codeOf(item.code), message: 'msg' in item && typeof item.msg === 'string' ? item.msg : '' };
}
