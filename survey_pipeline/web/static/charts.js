// Draws the charts of /scores from data-chart. Each stands beside a table with the same figures.
"use strict";

(() => {
  const language = document.documentElement.lang;
  const count = new Intl.NumberFormat(language);
  const share = new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: 1 });
  const numbers = (texts) => texts.map((text) => (text === null ? null : Number(text)));

  function palette() {
    const style = getComputedStyle(document.documentElement);
    const of = (name) => style.getPropertyValue(`--${name}`).trim();
    return Object.fromEntries(
      ["ink", "soft", "line", "accent", "paper"].map((name) => [name, of(name)]),
    );
  }

  // what every chart shares; the tooltip is drawn, not written: the page allows no inline styles
  function common(colour, format) {
    return {
      animation: false,
      textStyle: { color: colour.ink, fontFamily: getComputedStyle(document.body).fontFamily },
      grid: { left: 8, right: 24, top: 16, bottom: 8, containLabel: true },
      tooltip: {
        renderMode: "richText", trigger: "axis", confine: true, valueFormatter: (value) => format(value),
        backgroundColor: colour.paper, borderColor: colour.line, textStyle: { color: colour.ink },
      },
      aria: { enabled: false },
    };
  }
  const title = (colour, name) => ({ name, nameLocation: "middle", nameTextStyle: { color: colour.soft } });
  const named = (colour, data, more = {}) => ({
    type: "category", data, axisLabel: { color: colour.soft, ...more },
    axisLine: { lineStyle: { color: colour.line } }, axisTick: { show: false },
  });
  const measured = (colour, format, more = {}) => ({
    type: "value", axisLabel: { color: colour.soft, formatter: format, hideOverlap: true },
    splitLine: { lineStyle: { color: colour.line } }, ...more,
  });
  const figure = (colour, position, format) => ({
    show: true, position, color: colour.ink, formatter: (one) => format(one.value),
  });

  // rates with their intervals: a bar from bound to bound, and the rate on it with its figure
  function ranges(data, colour, { upright }) {
    const [low, values, high] = [data.low, data.values, data.high].map(numbers);
    const thin = { type: "bar", stack: "interval", barWidth: 10, silent: true };
    const scale = { ...measured(colour, share.format, { min: Number(data.start), max: 1, interval: (1 - Number(data.start)) / 5 }), ...title(colour, data.axis) };
    const names = named(colour, data.labels, { hideOverlap: upright });
    return {
      ...common(colour, share.format),
      grid: upright ? { left: 28, right: 44, top: 24, bottom: 22, containLabel: true } : { left: 8, right: 28, top: 24, bottom: 22, containLabel: true },
      tooltip: {
        ...common(colour, share.format).tooltip,
        formatter: ([one]) => `${one.axisValue}\n${data.name} ${share.format(values[one.dataIndex])}\n`
          + `${data.interval} ${share.format(low[one.dataIndex])} – ${share.format(high[one.dataIndex])}`,
      },
      xAxis: upright ? { ...names, ...title(colour, data.across), nameGap: 24 } : { ...scale, nameGap: 24 },
      yAxis: upright ? { ...scale, nameGap: 44 } : { ...names, inverse: true },
      series: [
        { ...thin, data: low, itemStyle: { opacity: 0 } },
        { ...thin, data: high.map((value, place) => value - low[place]), itemStyle: { color: colour.accent, opacity: 0.3 } },
        {
          type: "line", name: data.name, symbolSize: 8, symbol: "circle", itemStyle: { color: colour.accent },
          data: upright ? values : values.map((value, place) => [value, place]),
          lineStyle: { color: colour.accent, opacity: upright ? 1 : 0 },
          label: { show: true, position: "top", color: colour.ink, formatter: (one) => share.format(values[one.dataIndex]) },
          labelLayout: { hideOverlap: true },
        },
      ],
    };
  }

  const drawn = {
    columns: (data, colour) => ({
      ...common(colour, count.format),
      grid: { left: 28, right: 16, top: 24, bottom: 22, containLabel: true },
      xAxis: { ...named(colour, data.labels, { hideOverlap: true }), ...title(colour, data.across), nameGap: 24 },
      yAxis: { ...measured(colour, count.format, { minInterval: 1 }), ...title(colour, data.name), nameGap: 32 },
      series: [{
        type: "bar", name: data.name, data: data.values, itemStyle: { color: colour.accent }, barCategoryGap: "12%",
        label: figure(colour, "top", count.format), labelLayout: { hideOverlap: true },
      }],
    }),
    bars: (data, colour) => ({
      ...common(colour, count.format),
      xAxis: { ...measured(colour, count.format, { splitNumber: 2 }), ...title(colour, data.along), nameGap: 24 },
      yAxis: { ...named(colour, data.labels), inverse: true },
      grid: { left: 8, right: 56, top: 4, bottom: 22, containLabel: true },
      series: [{
        type: "bar", data: data.values, itemStyle: { color: colour.accent }, barCategoryGap: "25%",
        label: figure(colour, "right", count.format),
      }],
    }),
    trend: (data, colour) => ranges(data, colour, { upright: true }),
    ranges: (data, colour) => ranges(data, colour, { upright: false }),
  };

  const places = [...document.querySelectorAll("[data-chart]")];
  const charts = places.map((place) => {
    const chart = echarts.init(place, null, { renderer: "canvas" });
    new ResizeObserver(() => chart.resize()).observe(place);
    return [chart, JSON.parse(place.dataset.chart)];
  });
  function draw() {
    const colour = palette();
    for (const [chart, data] of charts) chart.setOption(drawn[data.kind](data, colour), true);
  }
  draw();
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
})();
