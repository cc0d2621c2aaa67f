import { describe, expect, test } from 'vitest';
import type { BookDelta } from '../../../domain/book-delta.ts';
import { bytesOf, changed, listed, RECEIVED_AT, SPOT_PARTIAL } from './codec.fixture.ts';
import { DepthDecoder } from './depth-snapshot.ts';
import type { BadFrame } from './frames.ts';

const SPOT = listed(0, { category: 'spot', tickSize: '0.01', lotSize: '0.00001' });
const FUTURES = changed(SPOT_PARTIAL, ['"bids"', '"E":1771000000120,"T":1771000000118,"bids"']);

function brief(read: BookDelta | BadFrame): unknown {
	if (read.kind === 'bad') return [read.reason, read.where, read.isBook];
	const levels = Array.from({ length: read.count }, (_, i) => [read.sideAt(i), read.ticksAt(i), read.lotsAt(i)]);
	return { kind: read.kind, sequence: read.sequence, venueAtMs: read.venueAtMs, levels };
}

const READ = {
	kind: 'snapshot',
	sequence: 70_120_400_100,
	venueAtMs: RECEIVED_AT,
	levels: [
		['bid', 6_499_999, 51_200],
		['ask', 6_500_000, 120_400],
	],
};

describe.each(['decode', 'decodePlainly'] as const)('the answer to a question about depth (%s)', (how) => {
	test.each([
		['of spot', SPOT_PARTIAL, READ],
		['of futures', FUTURES, { ...READ, venueAtMs: 1_771_000_000_118 }],
		['with blanks', JSON.stringify(JSON.parse(FUTURES), undefined, 1), { ...READ, venueAtMs: 1_771_000_000_118 }],
		['of nothing', changed(SPOT_PARTIAL, [/\[\[.*\]\]/.exec(SPOT_PARTIAL)?.[0] ?? '', '[],"asks":[]']), { ...READ, levels: [] }],
		['with a size between two lots', changed(SPOT_PARTIAL, ['0.51200000', '0.51199100']), READ],
		[
			'with a price between two ticks',
			changed(SPOT_PARTIAL, ['64999.99000000', '64999.99500000']),
			['off-grid', 'bids[0][0]', true],
		],
		['without an id', changed(SPOT_PARTIAL, ['lastUpdateId', 'last']), ['missing', 'lastUpdateId', true]],
		['with a time of a word', changed(FUTURES, ['"T":1771000000118', '"T":"now"']), ['missing', 'T', true]],
		['that is cut', SPOT_PARTIAL.slice(0, -3), ['not-json', 'frame', false]],
		['that is a refusal', '{"code":-1121,"msg":"Invalid symbol."}', ['missing', 'lastUpdateId', true]],
	])('%s', (_, answer, expected) => {
		expect(brief(new DepthDecoder()[how](bytesOf(answer), SPOT, RECEIVED_AT))).toEqual(expected);
	});
});

test('is scanned in the forms that the venue sends', () => {
	for (const answer of [SPOT_PARTIAL, FUTURES]) expect(new DepthDecoder().scan(bytesOf(answer), SPOT, RECEIVED_AT)).toBe(true);
	for (const answer of [`${SPOT_PARTIAL} `, changed(SPOT_PARTIAL, ['"asks"', '"x":1,"asks"'])]) {
		expect(new DepthDecoder().scan(bytesOf(answer), SPOT, RECEIVED_AT)).toBe(false);
	}
});
