/** Every failure that a client of the API can meet, by its code: stable, and explained in the operator's manual. */
export const API_ERRORS = {
	API_HOST: { status: 421, sentence: 'this server is not known by that name: use the address that it printed' },
	API_ADDRESS: { status: 400, sentence: 'this is no address that can be read' },
	API_METHOD: { status: 405, sentence: 'only GET and POST are answered here' },
	API_ORIGIN: { status: 403, sentence: 'asked by a page that is not ours' },
	API_TOKEN: { status: 401, sentence: 'a token or a log-in is needed, and this is none that holds' },
	API_CSRF: { status: 403, sentence: 'the header x-evenkeel-csrf is missing or not the one of this log-in' },
	API_LOCKED: { status: 429, sentence: 'too many bad tokens came from this address: try again in a minute' },
	API_TOO_MANY: { status: 429, sentence: 'too many requests in a second from this address' },
	API_ROLE: { status: 403, sentence: 'this log-in may look and not do that' },
	API_TYPE: { status: 415, sentence: 'the body has to be application/json' },
	API_SIZE: { status: 413, sentence: 'the body is longer than 64 KiB' },
	API_BODY: { status: 400, sentence: 'the body is no JSON that can be used' },
	API_PARAMS: { status: 400, sentence: 'what was asked with it is not what it takes' },
	API_NOT_FOUND: { status: 404, sentence: 'there is nothing here: /v1/openapi.json lists what there is' },
	API_UNKNOWN_SYMBOL: { status: 404, sentence: 'no symbol has that name here' },
	API_UPGRADE: { status: 426, sentence: 'this is the live feed: open it as a WebSocket' },
	API_SOCKETS: { status: 503, sentence: 'as many live feeds are open as there may be: close one' },
	API_ENGINE: { status: 503, sentence: 'the engine does not answer' },
	API_UNPROVEN: { status: 504, sentence: 'the engine has not said in time whether it was done: look before asking again' },
	API_BUG: { status: 500, sentence: 'something is broken inside; the engine has said what on its terminal' },
} as const satisfies Readonly<Record<string, { readonly status: number; readonly sentence: string }>>;

export type ApiErrorCode = keyof typeof API_ERRORS;

/** As it is told to the client. */
export interface ToldError {
	readonly code: ApiErrorCode;
	readonly sentence: string;
}

export class ApiError extends Error {
	readonly code: ApiErrorCode;

	/** With a sentence of its own where there is more to say than the table does. */
	constructor(code: ApiErrorCode, sentence: string = API_ERRORS[code].sentence) {
		super(sentence);
		this.name = 'ApiError';
		this.code = code;
	}

	get status(): number {
		return API_ERRORS[this.code].status;
	}

	get told(): ToldError {
		return { code: this.code, sentence: this.message };
	}
}
