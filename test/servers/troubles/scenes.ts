/** All of them: together they make every rule fire (test/house/ops.test.ts). */
import { AT_HOME, OF_OUR_OWN, ON_A_SLOW_DISK } from './at-home.ts';
import { AT_THE_EXCHANGE } from './at-the-exchange.ts';
import { IN_THE_BOOKS } from './in-the-books.ts';
import { ON_THE_WAY } from './on-the-way.ts';
import { SHORT_OF_ROOM } from './short-of-room.ts';
import type { Scene } from './trouble.ts';

export const SCENES: readonly Scene[] = [
	AT_THE_EXCHANGE,
	SHORT_OF_ROOM,
	ON_THE_WAY,
	IN_THE_BOOKS,
	AT_HOME,
	ON_A_SLOW_DISK,
	OF_OUR_OWN,
];
