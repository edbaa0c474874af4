// The map of a loss with a path over its picture. The path is computed by the notebook's own functions.
const SVG = "http://www.w3.org/2000/svg";
const WIDTH = 960, HEIGHT = 440;

function make(parent, name, attributes) {
  const one = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) one.setAttribute(key, value);
  parent.append(one);
  return one;
}

function clip(svg, id, box) {
  make(make(make(svg, "defs", {}), "clipPath", { id }), "rect", box);
  return `url(#${id})`;
}

// Where a frame of the figure lies; matplotlib counts from the bottom.
function place([left, bottom, width, height]) {
  return { x: WIDTH * left, y: HEIGHT * (1 - bottom - height), width: WIDTH * width, height: HEIGHT * height };
}

const bound = (value) => Math.max(-9e4, Math.min(9e4, value));

function render({ model, el }) {
  const { x: [x0, x1], y: [y0, y1], steps, low, high } = model.get("limits");
  const map = place(model.get("frames").map), curve = place(model.get("frames").curve);
  const across = (a) => bound(map.x + ((a - x0) / (x1 - x0)) * map.width);
  const down = (b) => bound(map.y + ((y1 - b) / (y1 - y0)) * map.height);
  const decades = Math.log(high / low);
  const after = (k) => curve.x + (k / steps) * curve.width;
  const height = (h) => bound(curve.y + (Math.log(high / Math.max(h, 1e-30)) / decades) * curve.height);

  el.classList.add("hepml-descent");
  const stage = document.createElement("div");
  stage.className = "stage";
  const image = document.createElement("img");
  image.src = model.get("picture");
  image.draggable = false;
  image.alt = "Contour lines of the loss, with the path of the optimiser and the misfit after each step";
  stage.append(image);
  const svg = make(stage, "svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}` });
  const words = document.createElement("pre");
  words.setAttribute("aria-live", "polite");
  el.append(stage, words);

  const key = Math.random().toString(36).slice(2);
  const inMap = make(svg, "g", { "clip-path": clip(svg, `map-${key}`, map) });
  const inCurve = make(svg, "g", { "clip-path": clip(svg, `curve-${key}`, curve) });
  make(inMap, "rect", { class: "ground", ...map });
  const line = make(inMap, "polyline", {});
  const dots = make(inMap, "path", { class: "dots" });
  const fall = make(inCurve, "polyline", {});
  const runners = [make(inMap, "circle", { class: "runner", r: 5 }), make(inCurve, "circle", { class: "runner", r: 5 })];
  const start = make(svg, "circle", {
    class: "start", r: 8, tabindex: 0, role: "button",
    "aria-label": "start of the walk: drag it, or move it with the arrow keys",
  });

  // -- asking for a path and drawing it ---------------------------------------------------------
  const sent = new Map();
  let asked = model.get("ask"), here = model.get("start");

  function setStart(a, b) {
    here = [Math.max(x0, Math.min(x1, a)), Math.max(y0, Math.min(y1, b))];
    start.setAttribute("cx", across(here[0]));
    start.setAttribute("cy", down(here[1]));
    asked += 1;
    sent.set(asked, performance.now());
    model.set({ start: here, ask: asked });
    model.save_changes();
  }

  function draw() {
    const path = model.get("path").map(([a, b]) => [across(a), down(b)]);
    const heights = model.get("heights").map((h, k) => [after(k), height(h)]);
    line.setAttribute("points", path.join(" "));
    fall.setAttribute("points", heights.join(" "));
    dots.setAttribute("d", path.map(([a, b]) => `M${a - 2},${b}a2,2 0 1,0 4,0a2,2 0 1,0 -4,0`).join(""));
    words.textContent = model.get("words");
    run(path, heights);
    const answer = model.get("answer");
    if (sent.has(answer)) {
      const began = sent.get(answer);
      for (const number of sent.keys()) if (number <= answer) sent.delete(number);
      requestAnimationFrame(() => { el.dataset.milliseconds = (performance.now() - began).toFixed(1); });
    }
  }

  // -- a dot that walks the path, once ------------------------------------------------------------
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  let frame = 0;

  function show(path, heights, k) {
    for (const [dot, points] of [[runners[0], path], [runners[1], heights]]) {
      dot.setAttribute("cx", points[k][0]);
      dot.setAttribute("cy", points[k][1]);
    }
  }

  function run(path, heights) {
    cancelAnimationFrame(frame);
    if (still) return show(path, heights, path.length - 1);
    const began = performance.now() + 150;
    const step = (now) => {
      const k = Math.min(path.length - 1, Math.max(0, Math.floor((now - began) / 25)));
      show(path, heights, k);
      if (k < path.length - 1) frame = requestAnimationFrame(step);
    };
    frame = requestAnimationFrame(step);
  }

  // -- hands and keys ------------------------------------------------------------------------------
  function follow(event) {
    const box = svg.getBoundingClientRect();
    const px = ((event.clientX - box.left) / box.width) * WIDTH;
    const py = ((event.clientY - box.top) / box.height) * HEIGHT;
    setStart(x0 + ((px - map.x) / map.width) * (x1 - x0), y1 - ((py - map.y) / map.height) * (y1 - y0));
  }

  let dragging = false;
  svg.addEventListener("pointerdown", (event) => {
    if (event.target !== start && !event.target.classList.contains("ground")) return;
    dragging = true;
    svg.setPointerCapture(event.pointerId);
    start.focus({ preventScroll: true });
    event.preventDefault();
    follow(event);
  });
  svg.addEventListener("pointermove", (event) => dragging && follow(event));
  for (const end of ["pointerup", "pointercancel"]) svg.addEventListener(end, () => { dragging = false; });

  const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
  start.addEventListener("keydown", (event) => {
    const move = ARROWS[event.key];
    if (!move) return;
    event.preventDefault();
    event.stopPropagation();
    const part = event.shiftKey ? 0.1 : 0.02;
    setStart(here[0] + move[0] * part * (x1 - x0), here[1] + move[1] * part * (y1 - y0));
  });

  start.setAttribute("cx", across(here[0]));
  start.setAttribute("cy", down(here[1]));
  let due = false;  // path, heights and words change together: draw once
  const later = () => {
    if (due) return;
    due = true;
    queueMicrotask(() => { due = false; draw(); });
  };
  model.on("change:path change:heights change:words change:answer", later);
  draw();
  return () => {
    cancelAnimationFrame(frame);
    model.off("change:path change:heights change:words change:answer", later);
  };
}

export default { render };
