/** Connecting an account step by step: credentials, self-check, callback, sync. */
import { Drawer, Steps } from "antd";
import { useState } from "react";
import { useT } from "../locale";
import { CallbackStep, CheckStep, SyncStep } from "./AccountSteps";
import { CredentialsStep } from "./CredentialsStep";

interface AddAccountProps {
  isOpen: boolean;
  onClose: () => void;
}

export function AddAccount({ isOpen, onClose }: AddAccountProps) {
  const words = useT().core.accounts;
  const steps = useT().sync.setup.steps;
  const [key, setKey] = useState("");
  const [step, setStep] = useState(0);
  const close = () => {
    setKey("");
    setStep(0);
    onClose();
  };
  const next = () => setStep(step + 1);
  return (
    <Drawer title={words.add} open={isOpen} onClose={close} size={560} destroyOnHidden>
      <Steps
        size="small"
        current={step}
        responsive={false}
        titlePlacement="vertical"
        items={steps.map((title) => ({ title }))}
        style={{ marginBottom: 20 }}
      />
      {step === 0 ? (
        <CredentialsStep
          onDone={(made) => {
            setKey(made);
            next();
          }}
        />
      ) : null}
      {step === 1 ? <CheckStep account={key} onNext={next} /> : null}
      {step === 2 ? <CallbackStep account={key} onNext={next} /> : null}
      {step === 3 ? <SyncStep account={key} onNext={close} /> : null}
    </Drawer>
  );
}
