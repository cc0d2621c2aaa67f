/** The public door of the network room: the transport, and policies around calls. Knows no exchange. */
export type { Clock, Timer } from '../ports/clock.ts';
export type { Rng } from '../ports/rng.ts';
export { type Backoff, backoffDelayMs } from './backoff.ts';
export {
	BREAKER_SETTINGS,
	type BreakerFigures,
	type BreakerOptions,
	type BreakerSettings,
	type BreakerState,
	CircuitBreaker,
	CircuitBreakers,
	type Passage,
} from './breaker.ts';
export { Bulkhead, type BulkheadOptions } from './bulkhead.ts';
export { RateLimiter, type RateLimiterOptions, type RateRequest, USUAL_WINDOWS, type WindowFigures } from './limiter.ts';
export type { WindowRule, WindowSighting } from './limiter-window.ts';
export { type MapConcurrently, mapConcurrent } from './map-concurrent.ts';
export { ReadBatcher, type ReadBatcherOptions } from './read-batcher.ts';
export { RECONNECT_POLICY, type ReconnectPolicy } from './reconnect.ts';
export {
	attempt,
	type Failure,
	type FailureClass,
	type FailureReason,
	failed,
	type Ok,
	ok,
	type Result,
	type Work,
} from './result.ts';
export {
	CANCEL_RETRIES,
	READ_RETRIES,
	Retry,
	type RetryOptions,
	type RetryPolicy,
	type RetryRun,
	retryDelayMs,
} from './retry.ts';
export { type Heartbeat, Session, type SessionHandler, type SessionParts, type SessionState } from './session.ts';
export { systemClock } from './system-clock.ts';
export { systemRng } from './system-rng.ts';
export { type SystemTransportOptions, systemTransport } from './system-transport.ts';
export { type Task, type TaskState, type TaskStatus, Tasks, type TasksOptions } from './tasks.ts';
export { type DurationSink, Stopwatch } from './timed.ts';
export { Timeout, type TimeoutOptions } from './timeout.ts';
export { Topics, type TopicsAnswer, type TopicsHandler, type TopicsParts, type TopicWire } from './topics.ts';
export type {
	Abortable,
	HttpCall,
	HttpHeard,
	LostReason,
	PoolFigures,
	Socket,
	SocketEnd,
	SocketHandler,
	SocketTarget,
	Transport,
} from './transport.ts';
export {
	type Exhaustion,
	type PoolPlan,
	TRANSPORT_LIMITS,
	type TransportLimits,
	type TransportOptions,
} from './transport-limits.ts';
export { type Cache, type Cached, EXCHANGE_INFO_TTL_MS, MemoryCache, type MemoryCacheOptions } from './ttl-cache.ts';
