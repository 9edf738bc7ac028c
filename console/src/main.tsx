import { createRoot } from "react-dom/client";
import { Root } from "./app/Root";
import "./app/app.css";

const root = document.getElementById("root");
if (root) createRoot(root).render(<Root />);
