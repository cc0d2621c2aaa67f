/** The sections `storage`, `crash_loop` and `warm_up`: what is kept where, and how carefully an engine begins. */
import * as z from 'zod';
import { numberAbove, seconds, textUpTo, wholeNumber } from './kinds.ts';

const DAY_S = 86_400;

export const storageSection = z
	.strictObject({
		folder: textUpTo(1, 1_000)
			.describe(
				'where the journal and the tables are, beside this file unless absolute; none: `data` where the engine is started, and with an exchange in a box of its own a folder that goes with it',
			)
			.optional(),
	})
	.prefault({});

export const crashLoopSection = z
	.strictObject({
		max_crashes: wholeNumber(1, 10_000)
			.describe('so many runs that ended without a good-bye, and the next one only cancels until a person re-arms')
			.prefault(3),
		window: seconds(1, DAY_S).describe('seconds in which they count').prefault(600),
	})
	.prefault({});

export const warmUpSection = z
	.strictObject({
		pause: seconds(0, 3_600).describe('seconds without quotes once all is known; none: 10, and 0 with mode sim').optional(),
		small: seconds(0, 3_600).describe('seconds of smaller quotes after that; none: 60, and 0 with mode sim').optional(),
		small_share: numberAbove(0, 1).describe('how large those are, as a share').prefault(0.25),
	})
	.prefault({});
