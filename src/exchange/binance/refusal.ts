/**
 * How this venue says no: a code, a text, and an HTTP status that clients go by first. A `Refusal` is a value and never
 * thrown. Here is what both markets say alike; what the exchange refuses has one table a market, since the same code
 * means different things on spot and on futures.
 */

export class Refusal {
	readonly status: number;
	readonly code: number;
	readonly msg: string;
	readonly more: RefusalMore;

	constructor(status: number, code: number, msg: string, more: RefusalMore = {}) {
		this.status = status;
		this.code = code;
		this.msg = msg;
		this.more = more;
	}
}

export interface RefusalMore {
	/** Beside code and text: what both halves of a replace came to. */
	readonly data?: unknown;
	/** When to come again: seconds in a header on REST, an instant in the data of an answer on a socket. */
	readonly retryAtMs?: number;
}

export const BAD_REQUEST = 400;
const UNAUTHORISED = 401;
export const TOO_MANY = 429;
export const BANNED = 418;

export const DECIMAL_RANGE = String.raw`^([0-9]{1,20})(\.[0-9]{1,20})?$`;
export const WHOLE_RANGE = '^[0-9]{1,20}$';

// ---- parameters ----

export function missing(name: string): Refusal {
	return bad(-1102, `Mandatory parameter '${name}' was not sent, was empty/null, or malformed.`);
}

export function illegal(name: string, range: string): Refusal {
	return bad(-1100, `Illegal characters found in parameter '${name}'; legal range is '${range}'.`);
}

export function emptyParameter(name: string): Refusal {
	return bad(-1105, `Parameter '${name}' was empty.`);
}

export function notNeeded(name: string): Refusal {
	return bad(-1106, `Parameter '${name}' sent when not required.`);
}

export function oneIdNeeded(clientIdName: string, orderIdName: string): Refusal {
	return bad(-1102, `Param '${clientIdName}' or '${orderIdName}' must be sent, but both were empty/null!`);
}

export const ONE_ID_NEEDED = oneIdNeeded('origClientOrderId', 'orderId');

export function duplicate(name: string): Refusal {
	return bad(-1101, `Duplicate values for parameter '${name}' detected.`);
}

export function invalidParameter(name: string): Refusal {
	return bad(-1130, `Data sent for parameter '${name}' is not valid.`);
}

export const COMBINATION_WRONG = bad(-1128, 'Combination of optional parameters invalid.');
export const TIME_IN_FORCE_WRONG = bad(-1115, 'Invalid timeInForce.');
export const TYPE_WRONG = bad(-1116, 'Invalid orderType.');
export const SIDE_WRONG = bad(-1117, 'Invalid side.');
export const INTERVAL_WRONG = bad(-1120, 'Invalid interval.');
export const SYMBOL_WRONG = bad(-1121, 'Invalid symbol.');
export const TOO_PRECISE = bad(-1111, 'Precision is over the maximum defined for this asset.');

// ---- who asks, and how often ----

export const KEY_FORMAT_WRONG = new Refusal(UNAUTHORISED, -2014, 'API-key format invalid.');
export const KEY_WRONG = new Refusal(UNAUTHORISED, -2015, 'Invalid API-key, IP, or permissions for action.');
export const SIGNATURE_WRONG = bad(-1022, 'Signature for this request is not valid.');
export const TOO_LATE = bad(-1021, 'Timestamp for this request is outside of the recvWindow.');
export const TOO_EARLY = bad(-1021, "Timestamp for this request was 1000ms ahead of the server's time.");
export const WINDOW_TOO_WIDE = bad(-1131, 'recvWindow must be less than 60000.');

export function bad(code: number, msg: string): Refusal {
	return new Refusal(BAD_REQUEST, code, msg);
}

/** `{code,msg}`, and what goes with it. */
export function refusalBody({ code, msg, more }: Refusal): { readonly code: number; readonly msg: string } {
	return more.data === undefined ? { code, msg } : { code, msg, ...{ data: more.data } };
}
