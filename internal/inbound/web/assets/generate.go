package assets

// The seat map is written as modules in the folder map. Browsers get one file without comments, and
// with short names for what only people read, since every kilobyte is waited for. The properties
// that are listed belong to the modules alone: neither browsers, nor the API, nor the words of a
// page, nor tests know them. One that isn't listed costs a few bytes; one that is listed but comes
// from elsewhere breaks the map. The second tool knows better which names are free where.
//
//go:generate go tool -modfile=../../../../tools/go.mod esbuild --bundle --minify-syntax --format=esm --banner:js=(()=>{ --footer:js=})() --target=es2023 --mangle-props=^(anew|approach|area|begin|below|best|changed|closer|element|emit|flush|free|freeIn|freeOf|goal|grab|half|hide|hover|index|language|legend|lost|measure|middle|most|nearest|note|order|outline|pen|pinned|points|prefix|pulse|put|radius|reasons|redraw|refine|release|resize|root|room|rowOf|rows|seatTitle|sectionAt|sectionOf|settle|shapes|shown|since|skip|snapshot|spot|stage|standing|start|step|tap|theme|time|title|twice|waiting|within)$ --log-level=warning --outfile=js/map.js map/map.js
//go:generate go tool -modfile=../../../../tools/go.mod minify --quiet --inplace js/map.js
