"use strict";

// Tables: headings that sort when pressed. Numbers by value, text by name.
function valueOf(cell) {
	const text = cell ? cell.dataset.v ?? cell.textContent.trim() : "";
	const number = parseFloat(text);
	return cell && cell.classList.contains("n") ? (isNaN(number) ? -Infinity : number) : text;
}

function sortTable(table, heading) {
	const column = heading.cellIndex;
	const numbers = heading.classList.contains("n");
	const was = heading.getAttribute("aria-sort");
	const falling = was ? was === "ascending" : numbers;
	const rows = [...table.tBodies[0].rows];
	rows.sort((a, b) => {
		const x = valueOf(a.cells[column]), y = valueOf(b.cells[column]);
		const order = numbers ? (x > y) - (x < y) : x.localeCompare(y);
		return falling ? -order : order;
	});
	table.tBodies[0].append(...rows);
	for (const other of table.tHead.rows[0].cells)
		other.removeAttribute("aria-sort");
	heading.setAttribute("aria-sort", falling ? "descending" : "ascending");
}

for (const table of document.querySelectorAll("table.sort")) {
	for (const heading of table.tHead.querySelectorAll("th")) {
		const button = document.createElement("button");
		button.type = "button";
		button.append(...heading.childNodes);
		heading.append(button);
		button.addEventListener("click", () => sortTable(table, heading));
	}
}

// What the pointer is over, beside it.
const tip = document.createElement("div");
tip.id = "tip";
tip.hidden = true;
document.body.append(tip);

function showTip(text, event) {
	tip.hidden = !text;
	if (!text)
		return;
	tip.textContent = text;
	const x = Math.min(event.clientX + 12, innerWidth - tip.offsetWidth - 4);
	const y = event.clientY + 16 + tip.offsetHeight > innerHeight
		? event.clientY - tip.offsetHeight - 8 : event.clientY + 16;
	tip.style.left = Math.max(4, x) + "px";
	tip.style.top = Math.max(4, y) + "px";
}

document.addEventListener("pointermove", event => {
	const marked = event.target.closest ? event.target.closest("[data-tip]") : null;
	if (marked)
		showTip(marked.dataset.tip, event);
	else if (event.target.tagName !== "CANVAS")
		showTip("", event);
});
document.addEventListener("scroll", () => showTip(""), { passive: true });

// The picture of the cells: coloured by label, or by what else is known of each; what the point under
// the pointer is; chosen labels alone. Every layer is a picture of the same cells.
const ramp = [[68, 1, 84], [59, 82, 139], [33, 145, 140], [94, 201, 98], [253, 231, 37]];
const hues = ["0077bb", "ee7733", "009988", "cc3377", "33a9dd", "b8961a", "7a5bb5", "4d9a3a", "c2452d", "1f7a8c",
	"d070a8", "8a6d3b"].map(h => parseInt(h, 16)).map(h => [h >> 16, h >> 8 & 255, h & 255]);
const levels = 32;

function rampAt(share) {
	const x = share * (ramp.length - 1), i = Math.min(ramp.length - 2, Math.floor(x));
	return ramp[i].map((c, k) => Math.round(c + (x - i) * (ramp[i + 1][k] - c)));
}

// A picture's bytes, four a pixel.
function bytesOf(image, side) {
	const canvas = document.createElement("canvas");
	canvas.width = canvas.height = side;
	const context = canvas.getContext("2d");
	context.drawImage(image, 0, 0);
	return context.getImageData(0, 0, side, side).data;
}

class Layer {
	constructor(image, side) {
		const bytes = bytesOf(image, side);
		this.word = image.dataset.layer;
		this.names = image.dataset.names ? image.dataset.names.split("\n") : null;
		this.top = parseFloat(image.dataset.top);
		this.values = new Uint8Array(side * side);
		for (let i = 0; i < this.values.length; i++)
			this.values[i] = bytes[4 * i + 3] ? bytes[4 * i] : 0;
	}
	colour(value) {
		return this.names ? hues[(value - 1) % hues.length] : rampAt((value - 1) / (levels - 1));
	}
	text(value) {
		if (!value)
			return "";
		return this.word + " " + (this.names ? this.names[value - 1] ?? "another"
			: ((value - 1) / (levels - 1) * this.top).toFixed(2));
	}
	// What the colours mean, as a list or a strip.
	legend() {
		const list = document.createElement(this.names ? "ul" : "p");
		list.className = this.names ? "key" : "strip";
		if (this.names)
			for (const [i, name] of this.names.entries()) {
				const item = document.createElement("li"), dot = document.createElement("span");
				dot.className = "dot-key";
				dot.style.background = `rgb(${this.colour(i + 1)})`;
				item.append(dot, name);
				list.append(item);
			}
		else {
			const bar = document.createElement("span");
			bar.className = "ramp";
			bar.style.background = `linear-gradient(to right, ${[0, .25, .5, .75, 1].map(x => `rgb(${rampAt(x)})`)})`;
			list.append("0", bar, this.top + (this.top > 1 ? " or more" : ""));
		}
		return list;
	}
}

function startScatter(scatter, number) {
	const [image, ...others] = scatter.querySelectorAll("img");
	const side = image.naturalWidth;
	const key = scatter.querySelector(".key");
	const buttons = [...key.querySelectorAll("button")];
	const names = new Map(buttons.map(b => [parseInt(b.dataset.colour, 16), b.textContent]));
	const layers = others.map(other => new Layer(other, side));
	const canvas = document.createElement("canvas");
	canvas.width = canvas.height = side;
	canvas.setAttribute("role", "img");
	canvas.setAttribute("aria-label", image.alt);
	const context = canvas.getContext("2d");
	const whole = bytesOf(image, side);
	const colourAt = i => whole[4 * i + 3] ? whole[4 * i] << 16 | whole[4 * i + 1] << 8 | whole[4 * i + 2] : -1;
	let shownLayer = null, legend = key;

	function draw() {
		const chosen = new Set(buttons.filter(b => b.getAttribute("aria-pressed") === "true")
			.map(b => parseInt(b.dataset.colour, 16)));
		const shown = new ImageData(new Uint8ClampedArray(whole), side);
		for (let i = 0; i < side * side; i++) {
			if (!whole[4 * i + 3])
				continue;
			if (shownLayer) {
				const value = shownLayer.values[i];
				const [r, g, b] = value ? shownLayer.colour(value) : [138, 143, 152];
				shown.data[4 * i] = r;
				shown.data[4 * i + 1] = g;
				shown.data[4 * i + 2] = b;
			}
			if (chosen.size && !chosen.has(colourAt(i)))
				shown.data[4 * i + 3] = 28;
		}
		context.putImageData(shown, 0, 0);
	}

	function colourBy(layer) {
		const next = layer ? layer.legend() : key;
		legend.replaceWith(next);
		legend = next;
		shownLayer = layer;
		draw();
	}

	for (const button of buttons)
		button.addEventListener("click", () => {
			button.setAttribute("aria-pressed", button.getAttribute("aria-pressed") !== "true");
			draw();
		});
	canvas.addEventListener("pointermove", event => {
		const box = canvas.getBoundingClientRect();
		const x = Math.floor((event.clientX - box.left) * side / box.width);
		const y = Math.floor((event.clientY - box.top) * side / box.height);
		const i = y * side + x;
		const name = x >= 0 && y >= 0 && x < side && y < side ? names.get(colourAt(i)) : "";
		showTip(name ? [name, ...layers.map(l => l.text(l.values[i]))].filter(t => t).join(" \u00b7 ") : "", event);
	});
	for (const other of others)
		other.remove();
	image.replaceWith(canvas);
	draw();
	if (layers.length) {
		const choices = document.createElement("fieldset");
		const title = document.createElement("legend");
		title.textContent = "Colour by";
		choices.className = "choices";
		choices.append(title);
		for (const layer of [null, ...layers]) {
			const word = document.createElement("label"), choice = document.createElement("input");
			choice.type = "radio";
			choice.name = "colour" + number;
			choice.checked = !layer;
			choice.addEventListener("change", () => colourBy(layer));
			word.append(choice, layer ? layer.word : "label");
			choices.append(word);
		}
		scatter.before(choices);
	}
}

for (const [number, scatter] of document.querySelectorAll(".scatter").entries())
	Promise.all([...scatter.querySelectorAll("img")].map(image => image.decode()))
		.then(() => startScatter(scatter, number), () => {});
