/**
 * Every fault that this box can make happen on the wire, in the network or at the venue's door: its name, the numbers of
 * docs/numbers.md that it stands for, where it may strike, and its parameters with their bounds. `usual` is the range
 * from which a seeded plan draws. What is not named here cannot be injected.
 */
export type Channel = 'rest' | 'ws-public' | 'ws-private' | 'ws-trade';

type Range = readonly [low: number, high: number];

export interface NumberParameter {
	readonly kind: 'number';
	readonly min: number;
	readonly max: number;
	readonly standard: number;
	readonly usual: Range;
}

export interface ChoiceParameter {
	readonly kind: 'choice';
	readonly options: readonly string[];
	readonly standard: string;
}

export interface FaultSpec {
	readonly numbers: readonly string[];
	/** What one injection does, in words for the person who reads the list. */
	readonly about: string;
	readonly channels: readonly Channel[];
	/** What is drawn anew for each of, or what holds as long as the rule does. */
	readonly per: 'request' | 'frame' | 'connection' | 'standing';
	readonly usualProbability: Range;
	readonly parameters: Readonly<Record<string, NumberParameter | ChoiceParameter>>;
}

const DAY_MS = 86_400_000;
const ORDERS: readonly Channel[] = ['rest', 'ws-trade'];
const STREAMS: readonly Channel[] = ['ws-public', 'ws-private'];
const BOOKS: readonly Channel[] = ['ws-public'];
const SOCKETS: readonly Channel[] = ['ws-public', 'ws-private', 'ws-trade'];

function whole(min: number, max: number, standard: number, usual: Range): NumberParameter {
	return { kind: 'number', min, max, standard, usual };
}

function choice<const Options extends readonly [string, ...string[]]>(...options: Options) {
	return { kind: 'choice', options, standard: options[0] } as const satisfies ChoiceParameter;
}

/** A delay of `delayMs` plus an exponential tail of mean `tailMs`, cut at eight times that. */
const DELAY = { delayMs: whole(0, DAY_MS, 100, [1, 400]), tailMs: whole(0, DAY_MS, 0, [0, 200]) };
const LOST = choice('never', 'reset');
const EFFECT = choice('either', 'none', 'applied');

export const FAULTS = {
	'drop-request': {
		numbers: ['F02'],
		about: 'A request never arrives.',
		channels: ORDERS,
		per: 'request',
		usualProbability: [0, 0.1],
		parameters: { answer: LOST },
	},
	'drop-reply': {
		numbers: ['F01', 'F10'],
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
	'partial-batch': {
		numbers: ['F09'],
		about: 'Of a batch some items fail at random, or all from one on as beyond the budget; the reply says so item by item.',
		channels: ['ws-trade'],
		per: 'request',
		usualProbability: [0, 0.1],
		parameters: { form: choice('scattered', 'tail') },
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
	'rate-limit': {
		numbers: ['F52'],
		about: 'A request is refused as one too many, without effect.',
		channels: ORDERS,
		per: 'request',
		usualProbability: [0, 0.05],
		parameters: { form: choice('venue', 'http-429'), retryAfterMs: whole(1, DAY_MS, 1_000, [100, 5_000]) },
	},
	ban: {
		numbers: ['F53'],
		about: 'All requests and new sockets of an address are refused for a time, once it was refused as too many so often.',
		channels: ['rest'],
		per: 'request',
		usualProbability: [0, 0.001],
		parameters: { forMs: whole(1, DAY_MS, 600_000, [1_000, 60_000]), violations: whole(0, 1_000, 0, [0, 2]) },
	},
	maintenance: {
		numbers: ['F54'],
		about: 'The venue takes no requests, or no orders but cancels, while the rule holds.',
		channels: ORDERS,
		per: 'request',
		usualProbability: [1, 1],
		parameters: { mode: choice('closed', 'halted', 'cancel-only') },
	},
	'revoke-key': {
		numbers: ['F55'],
		about: 'Signed requests and logins are refused, whatever their signature.',
		channels: ['rest', 'ws-private', 'ws-trade'],
		per: 'request',
		usualProbability: [1, 1],
		parameters: { reason: choice('expired', 'invalid', 'permission') },
	},
	'venue-clock': {
		numbers: ['F46', 'F56'],
		about: "The venue's clock is off by a step and drifts.",
		channels: ['rest', 'ws-public', 'ws-private', 'ws-trade'],
		per: 'standing',
		usualProbability: [1, 1],
		parameters: {
			offsetMs: whole(-DAY_MS, DAY_MS, 0, [-1_500, 1_500]),
			driftMsPerMin: whole(-60_000, 60_000, 0, [-200, 200]),
		},
	},
	'cut-socket': {
		numbers: ['F13'],
		about: 'A socket dies without a word after so many more characters; the frame that would pass them is lost.',
		channels: SOCKETS,
		per: 'frame',
		usualProbability: [0, 0.002],
		parameters: { bytes: whole(0, 1_000_000_000, 0, [0, 20_000]) },
	},
	'flap-connection': {
		numbers: ['F48', 'F49'],
		about: 'A new socket is cut after a time.',
		channels: SOCKETS,
		per: 'connection',
		usualProbability: [0, 0.5],
		parameters: { afterMs: whole(0, DAY_MS, 1_000, [10_000, 3_600_000]), form: choice('reset', 'going-away') },
	},
	'refuse-connection': {
		numbers: ['F49'],
		about: 'A new socket is refused.',
		channels: SOCKETS,
		per: 'connection',
		usualProbability: [0, 0.3],
		parameters: { status: whole(400, 599, 503, [500, 504]) },
	},
	'half-open': {
		numbers: ['F44'],
		about: 'A socket stays open, and nothing passes in either direction any more.',
		channels: SOCKETS,
		per: 'frame',
		usualProbability: [0, 0.001],
		parameters: {},
	},
	'reject-subscription': {
		numbers: ['F45'],
		about: 'A subscription is refused, or swallowed without an answer.',
		channels: STREAMS,
		per: 'frame',
		usualProbability: [0, 0.3],
		parameters: { form: choice('refused', 'silent') },
	},
	'replay-executions': {
		numbers: ['F19'],
		about: "After a subscription the account's last execution frames come again.",
		channels: ['ws-private'],
		per: 'frame',
		usualProbability: [0, 1],
		parameters: { frames: whole(1, 50, 10, [1, 50]) },
	},
	'drop-frames': {
		numbers: ['F20', 'F38'],
		about: 'A frame of a stream is lost while the socket stays up.',
		channels: STREAMS,
		per: 'frame',
		usualProbability: [0, 0.05],
		parameters: {},
	},
	'duplicate-frames': {
		numbers: ['F18', 'F38'],
		about: 'A frame of a stream comes twice.',
		channels: STREAMS,
		per: 'frame',
		usualProbability: [0, 0.1],
		parameters: {},
	},
	'reorder-frames': {
		numbers: ['F17', 'F38'],
		about: 'A frame comes after so many later frames of its topic, or after a time.',
		channels: STREAMS,
		per: 'frame',
		usualProbability: [0, 0.1],
		parameters: { window: whole(1, 8, 5, [1, 8]), holdMs: whole(1, DAY_MS, 1_000, [10, 2_000]) },
	},
	'delay-frames': {
		numbers: ['F16', 'F22', 'F42'],
		about: 'A frame comes later, in the order of its topic; other topics overtake it.',
		channels: STREAMS,
		per: 'frame',
		usualProbability: [0, 0.3],
		parameters: DELAY,
	},
	'ramp-delay': {
		numbers: ['F42'],
		about: 'Frames come later and later, up to a bound, while the rule holds.',
		channels: STREAMS,
		per: 'frame',
		usualProbability: [1, 1],
		parameters: { rampMs: whole(1, DAY_MS, 60_000, [10_000, 120_000]), delayMsMax: whole(1, DAY_MS, 10_000, [1_000, 10_000]) },
	},
	'stall-burst': {
		numbers: ['F43'],
		about: 'Nothing comes out of a socket for a time, then all of it at once.',
		channels: SOCKETS,
		per: 'frame',
		usualProbability: [0, 0.005],
		parameters: { forMs: whole(1, DAY_MS, 1_000, [100, 60_000]) },
	},
	'mute-topic': {
		numbers: ['F37'],
		about: 'One topic of a socket falls silent for a time; its pongs go on.',
		channels: STREAMS,
		per: 'frame',
		usualProbability: [0, 0.005],
		parameters: { forMs: whole(1, DAY_MS, 10_000, [1_000, 60_000]) },
	},
	'break-sequence': {
		numbers: ['F38'],
		about: 'A book frame is lost, comes twice, or carries a number from before.',
		channels: BOOKS,
		per: 'frame',
		usualProbability: [0, 0.01],
		parameters: { form: choice('gap', 'repeat', 'backward') },
	},
	'corrupt-level': {
		numbers: ['F39'],
		about: 'A book frame makes the book crossed, locked, one-sided, empty or senseless.',
		channels: BOOKS,
		per: 'frame',
		usualProbability: [0, 0.01],
		parameters: { form: choice('crossed', 'locked', 'zero-price', 'negative-price', 'one-sided', 'empty') },
	},
	'mid-stream-snapshot': {
		numbers: ['F40'],
		about: 'The venue restarts a book stream: a new snapshot with number 1, and counting from there.',
		channels: BOOKS,
		per: 'frame',
		usualProbability: [0, 0.002],
		parameters: {},
	},
} as const satisfies Record<string, FaultSpec>;

export type FaultName = keyof typeof FAULTS;

export const FAULT_NAMES = Object.keys(FAULTS).filter((name): name is FaultName => isFaultName(name));

export function isFaultName(name: string): name is FaultName {
	return Object.hasOwn(FAULTS, name);
}

/** The same table with its types widened, for code that treats all faults alike. */
export function specOf(name: FaultName): FaultSpec {
	return FAULTS[name];
}
