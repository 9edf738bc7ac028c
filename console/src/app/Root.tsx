/** Theme, language and server state around the routes. */
import { QueryCache, QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { App, ConfigProvider } from "antd";
import enUS from "antd/locale/en_US";
import zhCN from "antd/locale/zh_CN";
import { useEffect, useMemo } from "react";
import { RouterProvider } from "react-router";
import { problemOf } from "../api/problem";
import { SESSION_KEY } from "../core/session";
import { useIsStill } from "../kit/screen";
import { usePreferences } from "./preferences";
import { router } from "./routes";
import { themeOf } from "./theme";

const queries = new QueryClient({
  queryCache: new QueryCache({
    onError: (error) => {
      if (problemOf(error).status === 401) queries.setQueryData(SESSION_KEY, null);
    },
  }),
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      refetchOnWindowFocus: false,
      retry: (count, error) => {
        const { status } = problemOf(error);
        return (status === 0 || status >= 500) && count < 1;
      },
    },
  },
});

export function Root() {
  const { language, mode } = usePreferences();
  const isStill = useIsStill();
  const look = useMemo(() => themeOf(mode, isStill), [mode, isStill]);
  useEffect(() => {
    document.documentElement.dataset.mode = mode;
    document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
  }, [mode, language]);
  return (
    <ConfigProvider locale={language === "zh" ? zhCN : enUS} theme={look}>
      <App>
        <QueryClientProvider client={queries}>
          <RouterProvider router={router} />
        </QueryClientProvider>
      </App>
    </ConfigProvider>
  );
}
