/** What happens on the streams besides events: for logs, metrics and people. No decision of the engine hangs on it. */
import type { SessionState } from '../../network/session.ts';

export type StreamNote =
	| { readonly kind: 'session'; readonly socket: string; readonly state: SessionState; readonly reason: string }
	| { readonly kind: 'bookLost'; readonly instrument: string; readonly reason: string }
	| { readonly kind: 'topicRefused'; readonly socket: string; readonly topic: string; readonly message: string }
	/** `where` is a path of ours, never text of the venue. A reason of 'off-grid' hints at a changed filter (F59). */
	| {
			readonly kind: 'badFrame';
			readonly socket: string;
			readonly reason: string;
			readonly where: string;
			readonly instrument: string | undefined;
	  }
	| { readonly kind: 'loginRefused'; readonly message: string }
	/** The state could not be read whole; it will be read again. */
	| { readonly kind: 'snapshotFailed'; readonly detail: string };

export type StreamWatch = (note: StreamNote) => void;
