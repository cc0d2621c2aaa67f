/**
 * A batch of the trade socket of which only some items are taken in: the others never reach the venue, and its answer
 * is filled up with their refusals, each at its place. Frames of that socket carry no signature, so they may be cut;
 * the signed bodies of REST may not.
 */
import type { PartialBatch, PartialForm } from './dialect.ts';
import { isRecord, type Json, listOf, parseJson } from './json.ts';

const REFUSALS: Readonly<Record<PartialForm, object>> = {
	scattered: { code: 10016, msg: 'Server error' },
	tail: { code: 10006, msg: 'Too many visits. Exceeded the API Rate Limit.' },
};

/** Undefined where there are not two items, since at least one stays and one fails. */
export function partialBatch(text: string, form: PartialForm, pick: (bound: number) => number): PartialBatch | undefined {
	const frame = parseJson(text);
	const batch = isRecord(frame) ? listOf(frame['args'])[0] : undefined;
	if (!isRecord(frame) || !isRecord(batch)) return undefined;
	const items = listOf(batch['request']);
	if (items.length < 2) return undefined;
	const spared = pick(items.length - 1);
	const fails = items.map((_, index) => (form === 'tail' ? index > spared : index !== spared && pick(2) === 0));
	if (!fails.includes(true)) fails[items.length - 1] = true;
	const kept = items.filter((_, index) => fails[index] !== true);
	return {
		frame: JSON.stringify({ ...frame, args: [{ ...batch, request: kept }] }),
		complete: (reply) => complete(reply, { category: batch['category'], items, fails, refusal: REFUSALS[form] }),
	};
}

interface Cut {
	readonly category: Json;
	readonly items: readonly Json[];
	readonly fails: readonly boolean[];
	readonly refusal: object;
}

function complete(text: string, { category, items, fails, refusal }: Cut): string {
	const reply = parseJson(text);
	if (!isRecord(reply) || !isRecord(reply['data']) || !isRecord(reply['retExtInfo'])) return text;
	const answers = [...listOf(reply['data']['list'])];
	const codes = [...listOf(reply['retExtInfo']['list'])];
	// Refused as a whole: nothing to fill up.
	if (codes.length === 0) return text;
	const list: Json[] = [];
	const extra: Json[] = [];
	for (const [index, item] of items.entries()) {
		const { symbol, orderLinkId = '' } = isRecord(item) ? item : {};
		list.push(fails[index] === true ? { category, symbol, orderId: '', orderLinkId, createAt: '' } : answers.shift());
		extra.push(fails[index] === true ? refusal : codes.shift());
	}
	return JSON.stringify({ ...reply, data: { ...reply['data'], list }, retExtInfo: { ...reply['retExtInfo'], list: extra } });
}
