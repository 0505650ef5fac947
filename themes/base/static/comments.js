// Comments and reports with JavaScript; without it the same forms and links work as pages.
import "./js/comment-thread.js";
import { bindReports } from "./js/reporting.js";

bindReports(document);
