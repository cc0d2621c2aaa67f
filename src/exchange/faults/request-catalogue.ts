/** Faults of requests and replies on their way, and of what a venue or a gateway answers. */
import { choice, DELAY, type FaultSpec, ORDERS, whole } from './fault-spec.ts';

const LOST = choice('never', 'reset');
const EFFECT = choice('either', 'none', 'applied');

export const REQUEST_FAULTS = {
	'drop-request': {
		numbers: ['F02'],
		about: 'A request never arrives.',
		channels: ORDERS,
		per: 'request',
		usualProbability: [0, 0.1],
		parameters: { answer: LOST },
	},
	'drop-reply': {
		numbers: ['F01', 'F10', 'F26'],
		about: 'A request takes effect and its reply is lost.',
		channels: ORDERS,
		per: 'request',
		usualProbability: [0, 0.1],
		parameters: { answer: LOST },
	},
	'delay-request': {
		numbers: ['F14'],
		about: 'A request sticks in the network and takes effect later.',
		channels: ORDERS,
		per: 'request',
		usualProbability: [0, 0.3],
		parameters: DELAY,
	},
	'delay-reply': {
		numbers: ['F15', 'F16'],
		about: 'A request takes effect at once and its reply comes later than the stream.',
		channels: ORDERS,
		per: 'request',
		usualProbability: [0, 0.3],
		parameters: DELAY,
	},
	'duplicate-request': {
		numbers: ['F08'],
		about: 'A request arrives twice, and one of the two replies is seen.',
		channels: ['rest'],
		per: 'request',
		usualProbability: [0, 0.1],
		parameters: { answer: choice('second', 'first') },
	},
	'server-error': {
		numbers: ['F05'],
		about: 'A server error without or in spite of an effect.',
		channels: ORDERS,
		per: 'request',
		usualProbability: [0, 0.05],
		parameters: {
			form: choice('venue-restarting', 'venue-timeout', 'http-500', 'http-502', 'http-503', 'http-504'),
			effect: EFFECT,
		},
	},
	'mangled-body': {
		numbers: ['F06'],
		about: 'A reply whose body a gateway has replaced or cut.',
		channels: ['rest'],
		per: 'request',
		usualProbability: [0, 0.05],
		parameters: {
			form: choice('html', 'html-200', 'empty', 'cut', 'wrong-type', 'huge'),
			effect: EFFECT,
			bytes: whole(1, 16_777_216, 2_097_152, [1_100_000, 3_000_000]),
		},
	},
	'batch-reply': {
		numbers: ['F11'],
		about: 'The items of a batch reply are fewer, shuffled, doubled or of others.',
		channels: ORDERS,
		per: 'request',
		usualProbability: [0, 0.1],
		parameters: { form: choice('short', 'shuffled', 'doubled', 'foreign') },
	},
	'hostile-text': {
		numbers: ['F83'],
		about: 'The message of a reply attacks whoever prints or merges it.',
		channels: ['rest'],
		per: 'request',
		usualProbability: [0, 0.02],
		parameters: { form: choice('markup', 'terminal', 'prototype') },
	},
} as const satisfies Record<string, FaultSpec>;
