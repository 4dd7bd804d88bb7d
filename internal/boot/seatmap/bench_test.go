package seatmap_test

import (
	"slices"
	"testing"

	"ticketflow/internal/testservers/browser"
)

// models are the machines that the goals are stated for.
var models = []struct {
	name  string
	setup browser.Setup
}{
	{"desktop", browser.Setup{}},
	{"phone", browser.Setup{Device: browser.Phone, Slowdown: 4}},
}

// yard is what measures in the page. A frame counts with its script and its raster: reading one
// pixel back forces that. The null draws an arc for each seat in view's colours, as one would at
// first.
const yard = `globalThis.yard = (() => {
	const { painter, model } = map, { ctx } = painter, { plan } = model;
	const seat = plan.sections.find(s => s.name === "210").first + 200;
	const about = k => map.around(plan.x[seat], plan.y[seat], k);
	const views = { fit: map.fit(), mid: about(6 / model.pitch), near: about(22 / model.pitch) };
	const sorted = list => list.sort((a, b) => a - b);
	const at = (list, share) => list[Math.min(list.length - 1, Math.floor(list.length * share))];
	const time = act => {
		const begun = performance.now();
		act();
		ctx.getImageData(0, 0, 1, 1);
		return performance.now() - begun;
	};
	const naive = view => {
		const k = view.k * painter.dpr, r = model.pitch * k * 0.43;
		const hue = [...Array(65)].map((_, i) => "hsl(" + i * 60 + " 60% 40%)");
		ctx.setTransform(1, 0, 0, 1, 0, 0);
		ctx.fillStyle = "white";
		ctx.fillRect(0, 0, ctx.canvas.width, ctx.canvas.height);
		for (let p = 0; p < plan.places; p++) {
			ctx.fillStyle = hue[model.tier[p]];
			ctx.beginPath();
			ctx.arc((plan.x[p] - view.x) * k, (plan.y[p] - view.y) * k, r, 0, 7);
			ctx.fill();
		}
	};
	const path = (level, i, n) => {
		if (level !== "sweep") return { ...views[level], x: views[level].x + i / views[level].k };
		const share = 0.5 - Math.cos(i / n * 2 * Math.PI) / 2;
		return about(views.fit.k * (views.near.k / views.fit.k) ** share);
	};
	const pause = () => new Promise(done => requestAnimationFrame(done));
	return {
		async frames(level, n, nulls) {
			const own = [], other = [];
			for (let i = 0; i < n; i++) {
				own.push(time(() => painter.draw(path(level, i, n), performance.now())));
				if (i % Math.ceil(n / nulls) === 0)
					other.push(time(() => naive(path(level, i, n))));
				if (i % 10 === 9) await pause();
			}
			let drawn = 0;
			const begun = performance.now();
			while (performance.now() - begun < 1000) {
				painter.draw(path(level, drawn++ % n, n), performance.now());
				await pause();
			}
			const fps = 1000 * drawn / (performance.now() - begun);
			sorted(own), sorted(other);
			return { p10: at(own, 0.1), p50: at(own, 0.5), p95: at(own, 0.95),
				null50: at(other, 0.5), fps };
		},
		async deltas(level, n) {
			const all = [], free = sorted([...model.ready()].filter((_, i) => i % 97 === 0));
			for (let i = 0; i < n; i++) {
				const chosen = free.slice(i % 6 * 100, i % 6 * 100 + 100);
				let text = "", last = 0;
				for (const p of chosen) {
					let v = (p - last) * 4 + i % 2;
					last = p;
					for (; v > 127; v = Math.floor(v / 128))
						text += String.fromCharCode(v % 128 | 128);
					text += String.fromCharCode(v);
				}
				const from = model.version;
				all.push(time(() => {
					model.delta({ from, to: from + 100, places: btoa(text) }, map.chooser.changed);
					painter.draw(views[level], performance.now());
				}));
				if (i % 10 === 9) await pause();
			}
			sorted(all);
			return { p10: at(all, 0.1), p50: at(all, 0.5), p95: at(all, 0.95) };
		},
	};
})(), 0`

// BenchmarkSeatMapFrame measures frames at each level beside the null's, in one run.
func BenchmarkSeatMapFrame(b *testing.B) {
	h := open(b)
	for _, m := range models {
		for _, level := range []string{"fit", "mid", "near", "sweep"} {
			b.Run(m.name+"/"+level, func(b *testing.B) {
				h.tb = b
				s := h.look(stadium, m.setup)
				s.Eval(yard, nil)
				var got struct{ P10, P50, P95, Null50, FPS float64 }
				for b.Loop() {
					s.Eval("yard.frames('"+level+"', 100, 4)", &got)
				}
				b.ReportMetric(got.P10, "p10-ms")
				b.ReportMetric(got.P50, "p50-ms")
				b.ReportMetric(got.P95, "p95-ms")
				b.ReportMetric(got.Null50, "null-p50-ms")
				b.ReportMetric(got.Null50/got.P50, "times-faster")
				b.ReportMetric(got.FPS, "fps")
				b.ReportMetric(0, "ns/op")
			})
		}
	}
}

// BenchmarkSeatMapDelta measures 100 changed places, applied and drawn.
func BenchmarkSeatMapDelta(b *testing.B) {
	h := open(b)
	for _, m := range models {
		for _, level := range []string{"fit", "mid", "near"} {
			b.Run(m.name+"/"+level, func(b *testing.B) {
				h.tb = b
				s := h.look(stadium, m.setup)
				s.Eval(yard, nil)
				var got struct{ P10, P50, P95 float64 }
				for b.Loop() {
					s.Eval("yard.deltas('"+level+"', 60)", &got)
				}
				b.ReportMetric(got.P10, "p10-ms")
				b.ReportMetric(got.P50, "p50-ms")
				b.ReportMetric(got.P95, "p95-ms")
				b.ReportMetric(0, "ns/op")
			})
		}
	}
}

// BenchmarkSeatMapFirstPicture measures the way from another page of the same site to the first
// picture of the stadium, with an empty cache: on a page with nothing but the map, and on the page
// that buyers see.
func BenchmarkSeatMapFirstPicture(b *testing.B) {
	h := open(b)
	for _, line := range []struct {
		name    string
		network browser.Network
	}{{"9mbit", browser.Mobile9}, {"1.6mbit", browser.Mobile16}} {
		for _, page := range []struct{ name, url string }{
			{"alone", h.url + "/map/" + stadium},
			{"shop", h.app.URL + "/events/" + stadium + "/seats"},
		} {
			b.Run(line.name+"/"+page.name, func(b *testing.B) {
				h.tb = b
				var took, code, named []float64
				for b.Loop() {
					s := h.lookAt(page.url, browser.Setup{Device: browser.Phone, Slowdown: 4,
						Network: line.network})
					var first, loaded, names float64
					s.Eval(`performance.getEntriesByName("seatmap")[0].startTime`, &first)
					s.Eval(`performance.getEntriesByType("resource").find(
						e => e.name.endsWith("/map.js")).responseEnd`, &loaded)
					s.Eval(`performance.getEntriesByName("seatmap:names")[0].startTime`, &names)
					took, code = append(took, first), append(code, loaded)
					named = append(named, names)
					s.Close()
				}
				b.ReportMetric(median(took), "p50-ms")
				b.ReportMetric(median(named), "with-names-p50-ms")
				b.ReportMetric(median(code), "code-there-p50-ms")
				b.ReportMetric(0, "ns/op")
			})
		}
	}
}

func median(of []float64) float64 {
	slices.Sort(of)
	return of[len(of)/2]
}
