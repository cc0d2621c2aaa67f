/** The page's one feed, and how a component watches a topic: from its first picture until it is taken off the page. */
import { computed, type ReadonlySignal, useComputed, useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { QueryAnswer, QueryName, QueryParams } from '../../../src/api/types.ts';
import { Feed, type FeedState, type Line, type LineEvents } from './feed.ts';
import { isSessionAlive } from './session.ts';
import { type Topic, Topics } from './topics.ts';

let isWishPending = false;
let isFramePending = false;

const topics = new Topics(() => {
	if (isWishPending) return;
	isWishPending = true;
	// A page that changes drops some topics and takes others: the server is told once.
	queueMicrotask(() => {
		isWishPending = false;
		feed.wish();
	});
});

const feed = new Feed({
	dial,
	receive: (text) => {
		if (!isFramePending) {
			isFramePending = true;
			requestAnimationFrame(show);
		}
		return topics.receive(text);
	},
	wishes: () => topics.wishes(),
	mayConnect: isSessionAlive,
	nowMs: () => Date.now(),
	later: (ms, run) => setTimeout(run, ms),
});

export const feedState: ReadonlySignal<FeedState> = computed(() => feed.state.value);

const SILENCE_CHECK_MS = 1_000;

/** Gives back how to stop it. */
export function openFeed(): () => void {
	feed.start();
	const timer = setInterval(() => feed.checkSilence(), SILENCE_CHECK_MS);
	return () => {
		clearInterval(timer);
		feed.stop();
	};
}

/** Undefined until the first answer. */
export function useTopic<Name extends QueryName>(
	name: Name,
	params: QueryParams<Name>,
): ReadonlySignal<QueryAnswer<Name> | undefined> {
	const topic = useWatched(name, params);
	return useComputed(() => topic.value?.answer.value);
}

/** Why there is no answer, where there is none. */
export function useTopicError<Name extends QueryName>(name: Name, params: QueryParams<Name>): ReadonlySignal<string | undefined> {
	const topic = useWatched(name, params);
	return useComputed(() => topic.value?.error.value);
}

function useWatched<Name extends QueryName>(name: Name, params: QueryParams<Name>): ReadonlySignal<Topic<Name> | undefined> {
	const topic = useSignal<Topic<Name> | undefined>(undefined);
	useEffect(() => {
		const [watched, drop] = topics.watch(name, params);
		topic.value = watched;
		return drop;
	}, [name, JSON.stringify(params)]);
	return topic;
}

function show(): void {
	isFramePending = false;
	topics.show();
}

function dial(events: LineEvents): Line {
	const socket = new WebSocket(`${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/v1/live`);
	socket.onopen = () => events.onOpen();
	socket.onmessage = ({ data }) => typeof data === 'string' && events.onText(data);
	socket.onclose = () => events.onClose();
	return {
		get isOpen() {
			return socket.readyState === WebSocket.OPEN;
		},
		send: (text) => socket.send(text),
		close: () => socket.close(),
	};
}
