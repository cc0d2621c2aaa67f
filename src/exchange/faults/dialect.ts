/**
 * What faults must know of a venue's wire: which request is which, how the venue says no, and how its batches and books
 * are written. Everything else about faults is the same for all venues. A dialect only reads and rewrites text; where it
 * cannot make sense of a text it says so, and the caller lets the text pass untouched.
 */
import type { HttpReply, HttpRequest } from '../facade.ts';
import type { Channel } from './fault-spec.ts';

/** How this venue says no, by what is the matter. */
export type Refusal =
	| 'venue-restarting'
	| 'venue-timeout'
	| 'too-many'
	| 'closed'
	| 'halted'
	| 'key-expired'
	| 'key-invalid'
	| 'key-permission';

/** A client's frame, as far as faults tell frames apart. `id` is what the answer has to repeat. */
export type ClientFrame =
	| { readonly kind: 'subscribe'; readonly topics: readonly string[] }
	| { readonly kind: 'login'; readonly apiKey: string }
	| { readonly kind: 'order'; readonly operation: string; readonly id: string }
	| { readonly kind: 'other' };

export type BatchForm = 'short' | 'shuffled' | 'doubled' | 'foreign';
export type LevelForm = 'crossed' | 'locked' | 'zero-price' | 'negative-price' | 'one-sided' | 'empty';

export interface Dialect {
	/** Of a socket, by its path. */
	channel(path: string): Channel;
	/** Such as `order.create`; empty for what is no order. */
	operation(request: HttpRequest): string;
	/** Is this operation one that only takes risk away by cancelling? */
	isCancel(operation: string): boolean;
	isSigned(request: HttpRequest): boolean;
	read(frame: string): ClientFrame;
	/** Empty for what belongs to no topic. */
	topicOf(frame: string): string;
	/** The order operation that a frame answers, and its id; undefined for other frames. */
	answered(frame: string): { readonly operation: string; readonly id: string } | undefined;

	refuse(refusal: Refusal, nowMs: number, retryAfterMs: number): HttpReply;
	/** The same as an answer to a frame. */
	refuseFrame(refusal: Refusal, frame: string, nowMs: number, retryAfterMs: number): string;
	refuseSubscription(frame: string): string;
	/** To an address that may not ask at all for a while. */
	refuseBanned(): HttpReply;
	isTooMany(reply: HttpReply): boolean;

	/** Undefined where the text is no batch reply with at least one item. `pick` draws below a bound. */
	reshapeBatch(text: string, form: BatchForm, pick: (bound: number) => number): string | undefined;
	/** How many orders a request or frame of order entry names. */
	itemCount(text: string): number;
	withMessage(text: string, message: string): string | undefined;

	/** Does this request only look at an account? */
	isRead(request: HttpRequest): boolean;
	/** Of a list, '' for its first page. */
	cursorOf(request: HttpRequest): string;
	/** Undefined where a reply has no pages. */
	withCursor(body: string, cursor: string): string | undefined;
	/** Undefined where there is nothing in the list, or no list. */
	emptied(body: string): string | undefined;
	/** Undefined where a frame names no order of the client's. */
	withoutClientIds(frame: string): string | undefined;

	isBook(topic: string): boolean;
	isSnapshot(frame: string): boolean;
	/** Undefined where there is no level to work from. */
	corruptLevel(frame: string, form: LevelForm): string | undefined;
	sequenceOf(frame: string): number | undefined;
	withSequence(frame: string, sequence: number): string;
	/** Frames that make the venue send a new snapshot, and the marker by which their answers are known. */
	restart(topic: string): { readonly frames: readonly string[]; isAnswer(frame: string): boolean };
}
