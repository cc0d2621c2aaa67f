/**
 * The other end of the call benchmark, in a thread of its own: takes order calls over HTTP and over a socket and answers
 * each with the same text, without looking at it more than it must, so that what is measured is the client. `/echo` on a
 * socket answers every message with a text of the size of an order's answer and nothing else.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';
import { WebSocketServer } from 'ws';
import { batchAnswer, type CallServerData, LIMIT_HEADERS, singleAnswer } from './calls-answers.ts';

const { orderIds } = workerData as CallServerData;
const batchBody = JSON.stringify({ retCode: 0, retMsg: 'OK', ...batchAnswer(orderIds, 'result'), time: 1_771_000_000_126 });
const oneText = textAfterId('order.create', singleAnswer(orderIds[0] ?? ''));
const batchText = textAfterId('order.create-batch', batchAnswer(orderIds, 'data'));
const headers = { 'content-type': 'application/json; charset=utf-8', ...LIMIT_HEADERS };
const REQUEST_ID = /"(req_?[iI]d)":"([^"]*)"/;

const server = createServer((request, response) => {
	request.on('data', () => {});
	request.on('end', () => {
		response.writeHead(200, { ...headers, 'content-length': String(Buffer.byteLength(batchBody)) });
		response.end(batchBody);
	});
});

const sockets = new WebSocketServer({ server, perMessageDeflate: false });
sockets.on('connection', (socket, { url }) => {
	socket.on('message', (data: Buffer) => {
		const text = data.toString();
		if (url === '/echo') socket.send(`{"reqId":"1",${oneText}`);
		else if (text.includes('"ping"')) socket.send('{"op":"pong","retCode":0,"ret_msg":"pong"}');
		else if (text.includes('"auth"')) socket.send(`{${idOf(text)}"retCode":0,"retMsg":"OK","op":"auth","connId":"c"}`);
		else socket.send(`{${idOf(text)}${text.includes('-batch') ? batchText : oneText}`);
	});
});

server.listen(0, '127.0.0.1', () => parentPort?.postMessage((server.address() as AddressInfo).port));

/** Made once; what the server does is not to be measured. */
function textAfterId(op: string, content: object): string {
	return JSON.stringify({ retCode: 0, retMsg: 'OK', op, ...content, header: LIMIT_HEADERS, connId: 'c' }).slice(1);
}

/** As the client spells it, with a comma behind it. */
function idOf(text: string): string {
	const found = REQUEST_ID.exec(text);
	return found === null ? '' : `"${found[1]}":"${found[2]}",`;
}
