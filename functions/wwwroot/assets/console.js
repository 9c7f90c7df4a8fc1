// What pages cannot do by themselves: dropping files, upload progress, the chart. Everything else works without script.
"use strict";

document.querySelectorAll("form[data-drop]").forEach(form => {
  const input = form.querySelector("input[type=file]");
  const bar = form.querySelector("progress.upload");
  const text = form.querySelector(".upload-text");
  const button = form.querySelector("button");

  const say = sentence => { text.hidden = false; text.textContent = sentence; };
  const upload = () => {
    const request = new XMLHttpRequest();
    request.upload.onprogress = event => {
      if (event.lengthComputable) bar.value = 100 * event.loaded / event.total;
    };
    request.onload = () => {
      if (request.status < 400) location.assign(request.responseURL);
      else { say("The file was not taken. Try again, or send it to /api/orders."); button.disabled = false; }
    };
    request.onerror = () => { say("The connection broke. Try again."); button.disabled = false; };
    request.open("POST", form.action);
    request.send(new FormData(form));
    bar.hidden = false;
    button.disabled = true;
    say("Uploading " + input.files[0].name + "…");
  };

  form.addEventListener("submit", event => { event.preventDefault(); if (input.files.length) upload(); });
  input.addEventListener("change", () => { if (input.files.length) form.requestSubmit(); });
  for (const name of ["dragenter", "dragover"]) {
    form.addEventListener(name, event => { event.preventDefault(); form.classList.add("over"); });
  }
  for (const name of ["dragleave", "drop"]) {
    form.addEventListener(name, () => form.classList.remove("over"));
  }
  form.addEventListener("drop", event => {
    event.preventDefault();
    if (event.dataTransfer.files.length) { input.files = event.dataTransfer.files; form.requestSubmit(); }
  });
});

// An open question closes when one clicks elsewhere or presses Escape.
document.addEventListener("click", event => {
  document.querySelectorAll("details.ask[open]").forEach(ask => { if (!ask.contains(event.target)) ask.open = false; });
});
document.addEventListener("keydown", event => {
  if (event.key === "Escape") document.querySelectorAll("details.ask[open]").forEach(ask => { ask.open = false; });
});

document.querySelectorAll("[data-chart]").forEach(async figure => {
  const plot = figure.querySelector(".plot");
  const answer = await fetch(figure.dataset.chart);
  if (!answer.ok) return;
  const data = await answer.json();
  if (data.days.length < 2) { plot.textContent = "There are too few days with orders for a chart."; return; }

  // A week's mean says more than single days, which follow the weekday.
  const mean = values => values.map((_, i) => {
    const week = values.slice(Math.max(0, i - 6), i + 1);
    return week.reduce((sum, v) => sum + v, 0) / week.length;
  });
  const amount = new Intl.NumberFormat("en", { style: "currency", currency: data.currency, maximumFractionDigits: 0 });
  const count = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });
  const text = "#52606d", grid = { stroke: "#e6eaee", width: 1 };
  const chart = new uPlot({
    width: plot.clientWidth,
    height: 260,
    padding: [12, 8, 0, 0],
    tzDate: seconds => uPlot.tzDate(new Date(seconds * 1000), "UTC"),
    cursor: { points: { size: 6 } },
    scales: { money: { range: (u, low, high) => [0, high * 1.08] }, orders: { range: (u, low, high) => [0, high * 1.08] } },
    axes: [
      { stroke: text, grid, ticks: grid },
      { scale: "money", stroke: text, grid, ticks: grid, size: 70, values: (u, splits) => splits.map(v => amount.format(v)) },
      { scale: "orders", side: 1, stroke: text, grid: { show: false }, ticks: grid, size: 46 },
    ],
    series: [
      { label: "Day", value: (u, v) => v == null ? "–" : new Date(v * 1000).toISOString().slice(0, 10) },
      { label: "Revenue (week’s mean)", scale: "money", stroke: "#1f6f6b", width: 2, fill: "rgba(31,111,107,.10)", points: { show: false }, value: (u, v) => v == null ? "–" : amount.format(v) },
      { label: "Orders (week’s mean)", scale: "orders", stroke: "#d99a1c", width: 2, points: { show: false }, value: (u, v) => v == null ? "–" : count.format(v) },
    ],
  }, [data.days, mean(data.revenue), mean(data.orders)], plot);
  addEventListener("resize", () => chart.setSize({ width: plot.clientWidth, height: 260 }));
});

// Lines over time: one per segment.
document.querySelectorAll("[data-lines]").forEach(async figure => {
  const plot = figure.querySelector(".plot");
  const answer = await fetch(figure.dataset.lines);
  if (!answer.ok) return;
  const data = await answer.json();
  if (data.days.length < 2) { plot.textContent = "A chart needs two computations."; return; }
  const day = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", timeZone: "UTC" });
  const colours = ["#1f6f6b", "#c8643c", "#d99a1c", "#4a6fa5", "#8a5a9e", "#5b8c3e", "#b3372b", "#7b8794"];
  const text = "#52606d", grid = { stroke: "#e6eaee", width: 1 };
  const chart = new uPlot({
    width: plot.clientWidth,
    height: 260,
    padding: [12, 8, 0, 0],
    tzDate: seconds => uPlot.tzDate(new Date(seconds * 1000), "UTC"),
    scales: { y: { range: (u, low, high) => [0, Math.max(1, high) * 1.08] } },
    axes: [{ stroke: text, grid, ticks: grid, space: 80, values: (u, splits) => splits.map(s => day.format(new Date(s * 1000))) }, { stroke: text, grid, ticks: grid, size: 60 }],
    series: [
      { label: "Day", value: (u, v) => v == null ? "–" : new Date(v * 1000).toISOString().slice(0, 10) },
      ...data.lines.map((line, i) => ({ label: line.name, stroke: colours[i % colours.length], width: 2, dash: i < colours.length ? undefined : [6, 4], points: { show: data.days.length < 30 } })),
    ],
  }, [data.days, ...data.lines.map(line => line.values)], plot);
  addEventListener("resize", () => chart.setSize({ width: plot.clientWidth, height: 260 }));
});
