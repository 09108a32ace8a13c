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
      ["ink", "soft", "line", "accent", "paper", "good", "fair", "bad"].map((name) => [name, of(name)]),
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
  const named = (colour, data, more = {}) => ({
    type: "category", data, axisLabel: { color: colour.soft, ...more },
    axisLine: { lineStyle: { color: colour.line } }, axisTick: { show: false },
  });
  const measured = (colour, format, more = {}) => ({
    type: "value", axisLabel: { color: colour.soft, formatter: format, hideOverlap: true },
    splitLine: { lineStyle: { color: colour.line } }, ...more,
  });

  const drawn = {
    columns: (data, colour) => ({
      ...common(colour, count.format),
      xAxis: named(colour, data.labels, { hideOverlap: true }),
      yAxis: measured(colour, count.format, { minInterval: 1 }),
      series: [{ type: "bar", name: data.name, data: data.values, itemStyle: { color: colour.accent }, barCategoryGap: "12%" }],
    }),
    bars: (data, colour) => ({
      ...common(colour, count.format),
      xAxis: { ...measured(colour, count.format), show: false },
      yAxis: { ...named(colour, data.labels), inverse: true },
      grid: { left: 8, right: 64, top: 4, bottom: 4, containLabel: true },
      series: [{
        type: "bar", data: data.values, itemStyle: { color: colour.accent }, barCategoryGap: "25%",
        label: { show: true, position: "right", color: colour.ink, formatter: (one) => count.format(one.value) },
      }],
    }),
    line: (data, colour) => {
      const low = numbers(data.low);
      const values = numbers(data.values);
      const high = numbers(data.high);
      const least = Math.min(...low.filter((value) => value !== null), 1);
      const hidden = { type: "line", stack: "interval", symbol: "none", lineStyle: { opacity: 0 }, silent: true };
      return {
        ...common(colour, share.format),
        tooltip: {
          ...common(colour, share.format).tooltip,
          formatter: ([one]) => `${one.axisValue}\n${data.name} ${share.format(values[one.dataIndex])}\n`
            + `${data.interval} ${share.format(low[one.dataIndex])} – ${share.format(high[one.dataIndex])}`,
        },
        xAxis: { ...named(colour, data.labels, { hideOverlap: true }), boundaryGap: true },
        yAxis: measured(colour, share.format, { min: Math.max(0, Math.floor(least * 10) / 10), max: 1 }),
        series: [
          { ...hidden, data: low },
          { ...hidden, data: high.map((value, place) => value - low[place]), areaStyle: { color: colour.accent, opacity: 0.2 } },
          { type: "line", name: data.name, data: values, symbolSize: 8, lineStyle: { color: colour.accent }, itemStyle: { color: colour.accent } },
        ],
      };
    },
    shares: (data, colour) => ({
      ...common(colour, share.format),
      legend: { bottom: 0, itemWidth: 12, itemHeight: 12, itemGap: 12, textStyle: { color: colour.ink }, selectedMode: false },
      grid: { left: 8, right: 24, top: 4, bottom: 48, containLabel: true },
      xAxis: measured(colour, share.format, { max: 1, interval: 0.5 }),
      yAxis: { ...named(colour, data.labels), inverse: true },
      series: data.series.map((one) => ({
        type: "bar", stack: "answers", name: one.name, data: numbers(one.values), barMaxWidth: 40,
        itemStyle: { color: colour[one.tone], borderColor: colour.paper, borderWidth: 1 },
      })),
    }),
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
