// The charts of a simulated year. Every chart has its table beside it: this only draws what the tables say.
import uPlot from "uplot";

const told = JSON.parse(document.getElementById("figures").textContent);
const style = () => getComputedStyle(document.documentElement);
const colour = (name) => style().getPropertyValue(name).trim();
const FONT = "12px system-ui, -apple-system, 'Segoe UI', sans-serif";

const shown = (chart, value, short = false) => {
  if (value == null) return "–";
  const options = chart.currency
    ? { style: "currency", currency: chart.currency, currencyDisplay: "narrowSymbol" }
    : { maximumFractionDigits: 1 };
  if (short) Object.assign(options, { notation: "compact", maximumFractionDigits: 1, minimumFractionDigits: 0 });
  const text = new Intl.NumberFormat("en", options).format(value);
  return chart.currency ? text : `${text} GB`;
};

const axis = (extra) => ({
  stroke: colour("--quiet"),
  font: FONT,
  grid: { stroke: colour("--line"), width: 1 },
  ticks: { show: false },
  ...extra,
});

// Bars are drawn from the tallest sum down, so that each kind shows as the part that it adds.
const stacked = (series) => {
  const months = series[0].values.length;
  const above = new Array(months).fill(0);
  const below = new Array(months).fill(0);
  return series.map((each) =>
    each.values.map((value, month) => {
      const sums = value < 0 ? below : above;
      sums[month] += value;
      return value === 0 ? null : sums[month];
    }),
  );
};

const barOptions = (chart) => ({
  scales: {
    x: { time: false, range: [-0.6, chart.labels.length - 0.4] },
    y: { range: (_, low, high) => [Math.min(0, low) * 1.1, Math.max(high, 1) * 1.08] },
  },
  axes: [
    axis({
      size: 28,
      incrs: [1, 2, 3],
      space: 30,
      grid: { show: false },
      values: (_, at) => at.map((each) => chart.labels[each]?.slice(0, 3) ?? ""),
    }),
    axis({ size: 56, values: (_, at) => at.map((each) => shown(chart, each, true)) }),
  ],
});

const lineOptions = (chart) => ({
  scales: { x: { time: true }, y: { range: (_, low, high) => [Math.min(0, low), Math.max(high, 1) * 1.08] } },
  axes: [
    axis({
      size: 28,
      grid: { show: false },
      space: 44,
      values: (_, at) =>
        at.map((each) => new Date(each * 1000).toLocaleString("en", { month: "short", timeZone: "UTC" })),
      splits: (plot) => {
        const every = plot.bbox.width / devicePixelRatio / chart.starts.length < 34 ? 2 : 1;
        return chart.starts.filter((_, month) => month % every === 0);
      },
    }),
    axis({ size: 56, values: (_, at) => at.map((each) => shown(chart, each, true)) }),
  ],
  tzDate: (at) => uPlot.tzDate(new Date(at * 1000), "Etc/UTC"),
});

const when = (chart, index) =>
  chart.labels
    ? chart.labels[index]
    : new Date(chart.x[index] * 1000).toLocaleDateString("en", { day: "numeric", month: "long", timeZone: "UTC" });

function draw(figure, chart) {
  const place = figure.querySelector(".chart");
  place.replaceChildren();
  const isBars = Boolean(chart.labels);
  const sums = isBars ? stacked(chart.series) : chart.series.map((each) => each.values);
  const order = chart.series.map((_, index) => index);
  if (isBars) order.reverse();
  const keys = [...figure.querySelectorAll(".keys b")];
  const said = figure.querySelector(".said");
  const base = isBars ? barOptions(chart) : lineOptions(chart);
  const plot = new uPlot(
    {
      ...base,
      width: place.clientWidth,
      height: place.clientHeight,
      legend: { show: false },
      padding: [8, 12, 0, 0],
      cursor: { y: false, drag: { x: false, y: false }, points: { show: !isBars } },
      series: [
        {},
        ...order.map((index) => {
          const ink = colour(chart.series[index].colour);
          return isBars
            ? { fill: ink, stroke: ink, width: 0, points: { show: false }, paths: uPlot.paths.bars({ size: [0.62, 44] }) }
            : {
                stroke: ink,
                width: 2,
                points: { show: false },
                paths: chart.steps ? uPlot.paths.stepped({ align: 1 }) : uPlot.paths.linear(),
              };
        }),
      ],
      hooks: {
        setCursor: [
          (made) => {
            const at = made.cursor.idx;
            keys.forEach((key, index) => {
              key.textContent = at == null ? "" : shown(chart, chart.series[index].values[at]);
            });
            said.textContent = at == null ? "" : when(chart, at);
          },
        ],
      },
    },
    [isBars ? chart.labels.map((_, month) => month) : chart.x, ...order.map((index) => sums[index])],
    place,
  );
  return plot;
}

const figures = told.charts.map((chart) => ({ chart, figure: document.getElementById(chart.id), plot: null }));
const drawAll = () => {
  for (const each of figures) {
    each.plot?.destroy();
    each.plot = draw(each.figure, each.chart);
  }
};
drawAll();
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
const sized = new ResizeObserver((entries) => {
  for (const entry of entries) {
    const each = figures.find(({ figure }) => figure.contains(entry.target));
    const { width, height } = entry.contentRect;
    if (each && width && Math.abs(each.plot.width - width) > 1) each.plot.setSize({ width, height });
  }
});
for (const { figure } of figures) sized.observe(figure.querySelector(".chart"));
