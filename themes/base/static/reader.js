// The reader: without it the page is a plain strip of images with links to the chapters around it.
import { ComicReader } from "./js/reader/reader.js";

customElements.define("comic-reader", ComicReader);
