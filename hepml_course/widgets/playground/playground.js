// The page of the playground. It asks the kernel for a step, draws the answer, and asks for the next:
// nothing runs on its own in the kernel, and a page that is gone asks for nothing.

const TILE = 34; // pixels along a side of a neuron's map
const ROW = 46; // from one neuron to the next
const MAP = 280; // pixels along a side of the map of the output

function render({ model, el }) {
  const choices = model.get("choices");
  const shades = palette(choices.colours);
  const page = layout(el, choices);
  const scratch = [page.paper(choices.points), page.paper(choices.coarse)];
  let picture = null, events = [], losses = [], maps = [];
  let running = false, waiting = false, next = null, asked = 0, times = [];

  // -- what is asked of the kernel ---------------------------------------------------------------

  function ask(request) {
    if (waiting) {
      next = request; // pressed while a picture is on its way
      return;
    }
    waiting = true;
    asked = performance.now();
    model.send(request);
  }

  function step() {
    ask({ do: "step", epochs: Number(page.speed.value) });
  }

  function run(on) {
    running = on;
    page.run.textContent = on ? "❚❚ pause" : "▶ run";
    page.run.setAttribute("aria-pressed", String(on));
    if (on) step();
  }

  function change(what) {
    model.set("settings", { ...model.get("settings"), ...what });
    model.save_changes();
  }

  function received(message, buffers) {
    const answered = waiting;
    waiting = false;
    picture = message;
    maps = buffers.map((b) => new Uint8Array(b.buffer ?? b, b.byteOffset ?? 0, b.byteLength));
    if (message.events) {
      events = message.events;
      losses = message.losses;
    } else {
      losses.push(...message.losses);
    }
    draw();
    if (answered) {
      times = [...times.slice(-49), performance.now() - asked];
      const median = [...times].sort((a, b) => a - b)[times.length >> 1];
      page.root.dataset.milliseconds = median.toFixed(1);
    }
    tell();
    if (next) {
      const request = next;
      next = null;
      ask(request);
    } else if (running) {
      requestAnimationFrame(() => running && !waiting && step());
    }
  }

  // -- what is drawn -------------------------------------------------------------------------------

  function draw() {
    drawOutput();
    drawNetwork();
    drawLosses();
  }

  function tell() {
    const [train, test] = losses[losses.length - 1] ?? [null, null];
    const number = (value) => (value === null ? "not a number" : value.toFixed(3));
    page.epoch.textContent = picture.epoch;
    page.train.textContent = number(train);
    page.test.textContent = number(test);
    page.accuracy.textContent = `${(100 * picture.accuracy).toFixed(0)} %`;
    page.time.textContent = page.root.dataset.milliseconds ?? "–";
  }

  function image(paper, map, offset) {
    const pixels = new Uint32Array(paper.data.data.buffer);
    for (let i = 0; i < pixels.length; i++) pixels[i] = shades[map[offset + i]];
    paper.context.putImageData(paper.data, 0, 0);
    return paper.canvas;
  }

  function drawOutput() {
    const c = page.output.getContext("2d");
    c.imageSmoothingEnabled = true;
    c.globalAlpha = 0.8;
    c.fillStyle = "white";
    c.fillRect(0, 0, MAP, MAP);
    c.drawImage(image(scratch[0], maps[0], 0), 0, 0, MAP, MAP);
    c.globalAlpha = 1;
    const all = page.showTest.checked;
    for (const [x, y, signal, train] of events) {
      if (!train && !all) continue;
      drawEvent(c, ((x + 1) / 2) * MAP, ((1 - y) / 2) * MAP, signal, train);
    }
  }

  function drawEvent(c, x, y, signal, train) {
    c.beginPath();
    if (signal) {
      c.arc(x, y, 3, 0, 2 * Math.PI);
    } else {
      c.moveTo(x - 3.5, y + 3);
      c.lineTo(x + 3.5, y + 3);
      c.lineTo(x, y - 3.5);
      c.closePath();
    }
    c.fillStyle = choices.colours[signal];
    c.strokeStyle = train ? "white" : "black";
    c.lineWidth = 0.8;
    c.fill();
    c.stroke();
  }

  function place(layer, row, columns) {
    const width = page.network.width - TILE - 2;
    const gap = columns.length > 1 ? width / columns.length : width;
    return [1 + layer * gap, 2 + row * ROW];
  }

  function drawNetwork() {
    const columns = picture.columns;
    const height = Math.max(...columns) * ROW;
    if (page.network.height !== height) page.network.height = height;
    const c = page.network.getContext("2d");
    c.clearRect(0, 0, page.network.width, height);
    drawWeights(c, columns);
    const cells = choices.coarse ** 2;
    let offset = 0;
    columns.forEach((count, layer) => {
      for (let row = 0; row < count; row++, offset += cells) {
        const [x, y] = place(layer, row, columns);
        c.imageSmoothingEnabled = false;
        c.drawImage(image(scratch[1], maps[1], offset), x, y, TILE, TILE);
        c.strokeStyle = "#4D4D4D";
        c.lineWidth = 1;
        c.strokeRect(x, y, TILE, TILE);
      }
    });
  }

  function drawWeights(c, columns) {
    picture.weights.forEach((matrix, layer) => {
      matrix.forEach((row, i) => {
        row.forEach((w, j) => {
          const [x0, y0] = place(layer, i, columns);
          const last = layer === columns.length - 1;
          const [x1, y1] = last ? [page.network.width, y0 * 0.3 + 40] : place(layer + 1, j, columns);
          c.beginPath();
          const from = x0 + TILE, middle = (from + x1) / 2;
          c.moveTo(from, y0 + TILE / 2);
          c.bezierCurveTo(middle, y0 + TILE / 2, middle, y1 + TILE / 2, x1, y1 + TILE / 2);
          c.strokeStyle = choices.colours[w >= 0 ? 1 : 0];
          c.lineWidth = Math.min(0.3 + Math.abs(w), 7);
          c.globalAlpha = Math.min(0.25 + Math.abs(w) / 3, 0.9);
          c.stroke();
        });
      });
    });
    c.globalAlpha = 1;
  }

  function drawLosses() {
    const c = page.losses.getContext("2d");
    const { width, height } = page.losses;
    const known = losses.flat().filter((value) => value !== null);
    const top = Math.max(0.75, Math.min(Math.max(...known), 2));
    c.clearRect(0, 0, width, height);
    c.strokeStyle = "#BBBBBB";
    c.lineWidth = 1;
    c.strokeRect(0.5, 0.5, width - 1, height - 1);
    const level = height * (1 - Math.LN2 / top); // the loss of somebody who knows nothing
    line(c, [[0, level], [width, level]], "#BBBBBB", [2, 3]);
    const stride = Math.max(1, Math.floor(losses.length / width));
    [[0, "black", []], [1, "black", [2, 2]]].forEach(([which, colour, dash]) => {
      const points = [];
      for (let i = 0; i < losses.length; i += stride) {
        const value = losses[i][which];
        if (value !== null) {
          points.push([(i / Math.max(losses.length - 1, 1)) * width, height * (1 - Math.min(value / top, 1))]);
        }
      }
      line(c, points, colour, dash);
    });
  }

  function line(c, points, colour, dash) {
    c.beginPath();
    points.forEach(([x, y], i) => (i ? c.lineTo(x, y) : c.moveTo(x, y)));
    c.strokeStyle = colour;
    c.lineWidth = 1.4;
    c.setLineDash(dash);
    c.stroke();
    c.setLineDash([]);
  }

  // -- what can be pressed -------------------------------------------------------------------------

  function show() {
    const chosen = model.get("settings");
    for (const [key, menu] of Object.entries(page.menus)) menu.value = String(chosen[key]);
    page.noise.value = chosen.noise;
    for (const [name, box] of Object.entries(page.features)) box.checked = chosen.features.includes(name);
    page.layers.replaceChildren(...chosen.hidden.map((count, k) => neurons(chosen.hidden, count, k)));
    page.fewer.disabled = chosen.hidden.length === 0;
    page.more.disabled = chosen.hidden.length === choices.layers;
  }

  function neurons(hidden, count, k) {
    const set = (value) => change({ hidden: hidden.map((old, i) => (i === k ? value : old)) });
    const less = button("−", `one neuron less in layer ${k + 1}`, () => set(count - 1));
    const more = button("+", `one neuron more in layer ${k + 1}`, () => set(count + 1));
    less.disabled = count === 1;
    more.disabled = count === choices.neurons;
    return make("span", { className: "hp-layer" }, [less, make("b", { textContent: count }), more]);
  }

  page.run.onclick = () => run(!running);
  page.step.onclick = () => (run(false), ask({ do: "step", epochs: 1 }));
  page.reset.onclick = () => (run(false), ask({ do: "reset" }));
  page.other.onclick = () => change({ seed: model.get("settings").seed + 1 });
  page.fewer.onclick = () => change({ hidden: model.get("settings").hidden.slice(0, -1) });
  page.more.onclick = () => change({ hidden: [...model.get("settings").hidden, 2] });
  page.showTest.onchange = () => picture && draw();
  page.noise.onchange = () => change({ noise: Number(page.noise.value) });
  for (const [key, menu] of Object.entries(page.menus)) {
    const numeric = typeof model.get("settings")[key] === "number";
    menu.onchange = () => change({ [key]: numeric ? Number(menu.value) : menu.value });
  }
  for (const box of Object.values(page.features)) {
    box.onchange = () => {
      const wanted = choices.features.filter((name) => page.features[name].checked);
      if (wanted.length) change({ features: wanted });
      else box.checked = true; // a network needs an input
    };
  }

  model.on("msg:custom", received);
  model.on("change:settings", show);
  show();
  ask({ do: "look" });
  return () => {
    running = false;
    model.off("msg:custom", received);
    model.off("change:settings", show);
  };
}

// -- the elements of the page ------------------------------------------------------------------------

function layout(el, choices) {
  const page = { menus: {}, features: {} };
  page.run = button("▶ run", "run or pause the training");
  page.step = button("step", "train for one epoch");
  page.reset = button("reset", "draw the same start again");
  page.other = button("other start", "draw other events and other weights");
  page.speed = menu([1, 5, 20]);
  page.menus.rate = menu(choices.rates);
  page.menus.activation = menu(choices.activations);
  page.menus.penalty = menu(choices.penalties);
  page.menus.strength = menu(choices.strengths);
  page.menus.sample = menu(choices.samples);
  page.noise = make("input", { type: "range", min: 0, max: 1, step: 0.1, ariaLabel: "noise" });
  page.showTest = make("input", { type: "checkbox", ariaLabel: "show test events" });
  for (const name of choices.features) page.features[name] = make("input", { type: "checkbox", ariaLabel: name });
  page.layers = make("span", { className: "hp-layers" });
  page.fewer = button("− layer", "one hidden layer less");
  page.more = button("+ layer", "one hidden layer more");
  page.network = make("canvas", { width: 460, height: ROW, ariaLabel: "inputs, neurons and weights" });
  page.output = make("canvas", { width: MAP, height: MAP, ariaLabel: "output of the network, with the events" });
  page.losses = make("canvas", { width: MAP, height: 80, ariaLabel: "training and test loss" });
  for (const name of ["epoch", "train", "test", "accuracy", "time"]) page[name] = make("b", { textContent: "–" });
  page.epoch.className = "hp-epoch";
  page.train.className = "hp-train";

  const boxes = Object.entries(page.features).map(([name, box]) => label(name, box, true));
  page.root = make("div", { className: "hp-playground" }, [
    row(page.run, page.step, page.reset, page.other, label("epochs per picture", page.speed),
      label("learning rate", page.menus.rate), label("activation", page.menus.activation)),
    row(label("sample", page.menus.sample), label("noise", page.noise),
      label("penalty", page.menus.penalty), label("strength", page.menus.strength)),
    make("div", { className: "hp-body" }, [
      make("div", {}, [
        row(make("i", { textContent: "inputs" }), ...boxes),
        row(make("i", { textContent: "hidden neurons" }), page.layers, page.fewer, page.more),
        page.network,
      ]),
      make("div", { className: "hp-output" }, [
        page.output,
        row(label("test events", page.showTest, true), make("i", { textContent: "● signal  ▲ background" })),
        page.losses,
        row("epoch ", page.epoch, ", training loss ", page.train, ", test (dashed) ", page.test),
        row("test accuracy ", page.accuracy, ", one picture takes ", page.time, " ms"),
      ]),
    ]),
  ]);
  el.replaceChildren(page.root);
  page.paper = (side) => {
    const canvas = make("canvas", { width: side, height: side });
    const context = canvas.getContext("2d");
    return { canvas, context, data: context.createImageData(side, side) };
  };
  return page;
}

function make(tag, properties = {}, children = []) {
  const element = document.createElement(tag);
  Object.assign(element, properties);
  element.append(...children);
  return element;
}

function row(...children) {
  return make("div", { className: "hp-row" }, children);
}

function label(text, input, after = false) {
  return make("label", {}, after ? [input, ` ${text}`] : [`${text} `, input]);
}

function button(text, says, onclick = null) {
  return make("button", { type: "button", textContent: text, title: says, ariaLabel: says, onclick });
}

function menu(values) {
  return make("select", {}, values.map((value) => make("option", { value: String(value), textContent: value })));
}

// 256 colours from the background's over white to the signal's, as 32-bit pixels.
function palette(colours) {
  const ends = colours.map((text) => [1, 3, 5].map((at) => parseInt(text.slice(at, at + 2), 16)));
  return Uint32Array.from({ length: 256 }, (_, i) => {
    const distance = Math.abs(i - 127.5) / 127.5;
    const end = ends[i > 127.5 ? 1 : 0];
    const [r, g, b] = end.map((part) => Math.round(255 + (part - 255) * distance));
    return ((255 << 24) | (b << 16) | (g << 8) | r) >>> 0;
  });
}

export default { render };
