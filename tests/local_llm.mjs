// local_llm.mjs FOLDER MODEL.gguf NODE_MODULES: a real, small language model behind the chat protocol, for tests.
//
// Listens on a free port of 127.0.0.1 and writes it to FOLDER/port. POST /v1/chat/completions answers by node-llama-cpp,
// held to the request's schema by a grammar, one thread, temperature 0; GET /health says that it is there.
// One request at a time, each from an empty context, so that the same request gets the same bytes.
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { renameSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [folder, modelPath, modules] = process.argv.slice(2);
const require = createRequire(pathToFileURL(modules + "/"));
const { getLlama, LlamaChatSession } = await import(pathToFileURL(require.resolve("node-llama-cpp")));
const llama = await getLlama({ gpu: false, build: "never", maxThreads: 1, logLevel: "error" });
const model = await llama.loadModel({ modelPath, gpuLayers: 0 });

// Small models go on for ever in lists and sentences: the grammar ends them.
function limited(schema) {
	if (schema.type === "array")
		return { ...schema, items: limited(schema.items), maxItems: 2 };
	if (schema.type === "string" && !schema.enum)
		return { ...schema, maxLength: 60 };
	if (schema.properties)
		return { ...schema, properties: Object.fromEntries(
			Object.entries(schema.properties).map(([name, part]) => [name, limited(part)])) };
	return schema;
}

async function answer(asked) {
	const [system, user] = ["system", "user"].map(role => asked.messages.find(m => m.role === role)?.content ?? "");
	const schema = asked.response_format?.json_schema?.schema;
	const grammar = schema ? await llama.createGrammarForJsonSchema(limited(schema)) : undefined;
	const context = await model.createContext({ contextSize: 4096, threads: 1 });
	try {
		const session = new LlamaChatSession({ contextSequence: context.getSequence(), systemPrompt: system });
		const { responseText, stopReason } = await session.promptWithMeta(user, {
			grammar, temperature: 0, seed: asked.seed, maxTokens: asked.max_tokens ?? 400,
		});
		return { content: responseText, cut: stopReason === "maxTokens" };
	} finally {
		await context.dispose();
	}
}

function say(response, status, body) {
	response.writeHead(status, { "Content-Type": "application/json" });
	response.end(JSON.stringify(body));
}

let last = Promise.resolve();
const server = createServer((request, response) => {
	let text = "";
	if (request.method !== "POST")
		return say(response, 200, { status: "ok" });
	request.on("data", piece => { text += piece; });
	request.on("end", () => {
		last = last.then(async () => {
			try {
				const asked = JSON.parse(text), { content, cut } = await answer(asked);
				const count = what => model.tokenize(what).length;
				say(response, 200, {
					model: asked.model,
					usage: { prompt_tokens: count(text), completion_tokens: count(content) },
					choices: [{ finish_reason: cut ? "length" : "stop", message: { role: "assistant", content } }],
				});
			} catch (error) {
				say(response, 500, { error: { message: String(error), code: "local" } });
			}
		});
	});
});
server.listen(0, "127.0.0.1", () => {
	writeFileSync(folder + "/port.new", server.address().port + "\n");
	renameSync(folder + "/port.new", folder + "/port");
});
