// What the pages gain from JavaScript. Each part binds to a data- attribute; without it the page works as it is.
import { bindStrips } from "./js/strips.js";
import { bindFilters, bindLoadMore, bindSearchKey } from "./js/browsing.js";
import { bindSuggestions } from "./js/suggest.js";
import { bindTop } from "./js/top.js";
import { showProgress } from "./js/progress.js";
import { bindKeep } from "./js/keep.js";
import { bindBell } from "./js/bell.js";

bindTop(document.querySelector("[data-top]"));
bindStrips(document);
bindFilters(document);
bindLoadMore(document, showProgress);
bindSearchKey(document);
bindSuggestions(document);
bindKeep(document);
bindBell(document.querySelector("[data-bell]"));
showProgress(document);
