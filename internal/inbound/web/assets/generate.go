package assets

// The seat map is written as modules in the folder map. Browsers get two files: what makes the
// first picture, and what is needed to choose, which is loaded after it. Both are without names and
// comments that only people read, since every kilobyte is waited for.
//
//go:generate go tool -modfile=../../../../tools/go.mod esbuild --bundle --minify --format=esm --target=es2023 --log-level=warning --external:./choose.js --outfile=js/map.js map/map.js
//go:generate go tool -modfile=../../../../tools/go.mod esbuild --bundle --minify --format=esm --target=es2023 --log-level=warning --outfile=js/choose.js map/choose.js
